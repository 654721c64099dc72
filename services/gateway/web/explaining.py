"""What the services refuse, in the reader's language."""

from collections.abc import Sequence

from pydantic_core import ErrorDetails

from contracts.orders import ERASED, Locale
from services.gateway.errors import Problem
from services.gateway.web.wording import words


def _(text: str) -> str:
    """Marks a text for translation."""
    return text


EXPLAINED = {
    "not-found": _("There is no such page here. The link may be incomplete: open it once more from where you have it."),
    "gallery-gone": _(
        "This gallery is not here. The link may be incomplete, or the photographer has closed the gallery: ask them."
    ),
    "wrong-login": _("E-mail or password is wrong."),
    "wrong-password": _("This is not your present password."),
    "email-taken": _("There is an account with this e-mail; log in instead."),
    "signup-closed": _("New studios are set up by the operator here; ask them for an account."),
    "wrong-access-code": _("This is not the code; ask the photographer for it."),
    "too-many-tries": _("Too many wrong tries. Wait a moment, then try again."),
    "too-many-requests": _("Too much was asked for from here at once. Wait a moment, then try again."),
    "no-amount": _("Enter an amount like 12.50"),
    "no-number": _("Enter a whole number from 1 to 10,000."),
    "no-days": _("Enter a number of days from 1 to 365, or nothing."),
    "kept-too-short": _("Keep the gallery for at least 8 days from now: clients are told a week before."),
    "kept-too-long": _("Keep the gallery for at most 10 years from now, or leave the date out."),
    "no-moment": _("Enter a day and a time."),
    "other-name": _("This is not the gallery's name."),
    "currency-in-use": _("This gallery has orders in its currency; open another gallery for another one."),
    "no-png": _("Choose a PNG picture."),
    "broken-png": _("This PNG picture is damaged; export it once more."),
    "watermark-too-large": _("Choose a picture of at most 900 kB and 4,000 by 4,000 pixels."),
    "gallery-closed": _("Orders are closed for this gallery; ask the photographer to reopen it."),
    "empty-order": _("Choose at least one photo."),
    "no-free-orders": _("This gallery has no price set; ask the photographer to set one."),
    "photo-gone": _("This photo is no longer in the gallery."),
    "unknown-photo": _("A photo you chose is no longer in the gallery. Look at the choice once more, then order."),
    "choice-changed": _("The choice or the price has changed. Look at it once more, then order."),
    "price-changed": _("The price has changed. Look at it once more, then order."),
    "idempotency-key-reused": _("This was sent before with other words. Look at it once more, then send it again."),
    "nothing-ticked": _("Tick at least one order."),
    "no-csv": _("This file is no text. In your bank, export the account's history as CSV, not as PDF or for Excel."),
    "no-statement": _(
        "No line with a date and an amount was found in this file. In your bank, export the account's history as CSV "
        "and send the file as it is."
    ),
    "broken-csv": _(
        "A quotation mark in this file is never closed. In your bank, export a period without that transfer."
    ),
    "line-too-long": _(
        "A line of this file is longer than any bank's. In your bank, export the account's history as CSV and send the "
        "file as it is."
    ),
    "statement-too-large": _("This file has over 10 MB or 100,000 lines. In your bank, export a shorter period."),
    "line-used": _("A line of this statement has paid an order before. Send the file again to see which are left."),
    "paid-before": _("This order was paid already: this transfer has paid nothing."),
    "order-placed": _("This order is not paid: cancel it instead."),
    "order-cancelled": _("This order is cancelled: ask the client to order anew."),
    "order-refunded": _("This order is refunded: ask the client to order anew."),
    "order-not-found": _("This order does not exist any more."),
    "not-paid": _("This order is not paid, so its client is not mailed."),
    "nothing-ready": _("No photo of this order is ready; upload the finished photos first."),
    "downloads-closed": _("Nobody may download in this gallery. Change it in Settings."),
    "store-unreachable": _("The store of the files does not answer; nothing is lost. Try again in a minute."),
    "file-missing": _(
        "A photo is missing here, or is not what it was. Trying again does not help: tell the photographer."
    ),
    "database-unreachable": _("The database does not answer; nothing is lost. Try again in a moment."),
    "broker-unreachable": _(
        "RabbitMQ does not answer, or takes too long. Nothing is lost: what was accepted waits in the database."
    ),
    "photo-ordered": _("This photo is on an order; it stays in the gallery."),
    "gallery-not-found": _("This gallery does not exist any more."),
    "transfer-not-found": _("This finished photo does not exist any more."),
    "payment-used": _("This payment has paid an order already."),
    "payment-empty": _("No money came in by this payment; there is nothing to assign."),
    "payment-returned": _("The money of this payment went back; there is nothing to assign."),
    "payment-not-found": _("This payment does not exist any more."),
    "no-problem": _("There is nothing wrong with this payment."),
    "order-paid": _("This order is paid already."),
    "provider-unreachable": _("The payment page cannot be reached just now. Nothing was paid; try again in a minute."),
    "provider-refused": _(
        "The payment page does not open. Nothing was paid; tell the photographer, or pay as the order says."
    ),
    "provider-silent": _("The provider does not answer just now. Try again in a minute."),
    "keys-refused": _("The provider does not accept these keys. Copy all of them anew from its own pages."),
    "no-online-payment": _("The photographer takes no payments online: pay as the order says."),
    "payment-under-way": _("Your payment is under way; wait until the bank confirms it, do not pay again."),
    "payment-held": _("The photographer is looking at your payment; do not pay again."),
    "nothing-to-pay": _("This order costs nothing; there is nothing left to do."),
    "no-https": _(
        "Enter an address that begins with https, as clients' names are sent there. To allow http, the operator of "
        "this Photoferry sets PHOTOFERRY_PRIVATE_ENDPOINTS=true."
    ),
    "not-public": _(
        "Enter an address that can be reached from everywhere. To allow this one, the operator of this Photoferry sets "
        "PHOTOFERRY_PRIVATE_ENDPOINTS=true."
    ),
    "too-many-endpoints": _("You have as many systems as can be. Delete one first."),
    "in-progress": _("This is being done already. Wait a moment, then look at the page anew."),
    "body-too-large": _("This is too much at once. Send a picture of at most 900 kB, or fewer things at a time."),
    "too-slow": _("Not everything arrived in time. Look whether you are online, then send it again."),
    "method-not-allowed": _("This cannot be done here. Go back and use the buttons of the page."),
    "refused": _("This could not be read. Open the page anew and try again."),
    "invalid": _("The address or the form holds something that cannot be. Go back and try again."),
    "incomplete-form": _("A part of the form did not arrive. Open the page anew and try again."),
    "wrong-origin": _("This was not sent from our own pages. Open the page anew and try again."),
    "starting": _("Photoferry is starting; try again in a moment."),
    "client-erased": _("The personal data of this order is erased; it cannot be changed any more."),
    "order-goes-on": _("This order goes on. Look at what erasing does to it once more, then confirm it."),
    "link-erased": _(
        "The data of this order was erased. That was asked for, so its link and its photos are gone with it."
    ),
    "link-deleted": _("The photos of this link were deleted on %(day)s. Ask the photographer if you still need them."),
    "link-replaced": _("This link no longer works: it was replaced by a newer one."),
    "reset-gone": _(
        "This link no longer works. It sets a password once, within an hour, unless a newer one was asked for."
    ),
    "failed": _("Something went wrong here. Try again in a moment."),
}
"""By the code of the problem."""


def explain(problem: Problem, locale: Locale) -> str:
    """One sentence that says what is wrong and what to do; where none is translated, the problem's own, in English."""
    return words(locale).gettext(EXPLAINED.get(problem.code, problem.detail))


def explain_client(name: str, locale: Locale) -> str:
    """A client's name, or in the reader's language that it is erased."""
    return words(locale).gettext(_("Personal data erased")) if name == ERASED else name


MAIL_ERRORS = (
    _("The program was stopped while this mail was being sent."),
    _("The mail server broke off before it took the mail."),
    _("The mail server broke off before it confirmed the mail:"),
    _("The mail server broke off:"),
    _("This mail server cannot write to addresses with such letters before the @."),
)
"""What the notifier says of a mail; after a colon come the words of the mail server."""


def explain_mail(error: str, locale: Locale) -> str:
    """What became of a mail, in the reader's language; the mail server's own words stay as they are."""
    return _with_known_beginning(error, MAIL_ERRORS, locale)


WEBHOOK_REFUSALS = (
    _("The signature is wrong, or the timestamp is over five minutes away from now."),
    _("The signature is wrong."),
    _("This cannot be read:"),
    _("A webhook-id has 1 to 255 characters, none of them a control character."),
)
"""Why a provider's webhook was refused; after a colon come the names of parts of its body."""


def explain_webhook(refusal: str, locale: Locale) -> str:
    """Why a webhook was refused, in the reader's language."""
    return _with_known_beginning(refusal, WEBHOOK_REFUSALS, locale)


UNSENT = (
    _("No answer within"),
    _("No public address is found there; for others, the operator sets PHOTOFERRY_PRIVATE_ENDPOINTS=true."),
)
"""Why a webhook to a studio's own system had no answer; after the first comes how long."""


def explain_unsent(reason: str, locale: Locale) -> str:
    """Why there was no answer, in the reader's language; words of the network stay as they are."""
    return _with_known_beginning(reason, UNSENT, locale)


def _with_known_beginning(text: str, known: Sequence[str], locale: Locale) -> str:
    beginning = next((each for each in known if text.startswith(each)), "")
    return (words(locale).gettext(beginning) if beginning else "") + text.removeprefix(beginning)


FIELDS = {
    "name": _("Enter a name."),
    "reason": _("Say in a few words why nothing needs to be done."),
    "email": _("Enter an e-mail like name@example.com"),
    "contact_email": _("Enter an e-mail like name@example.com"),
    "new_password": _("Take at least 10 characters."),
    "currency": _("Enter the three letters of a currency, like PLN or EUR."),
    "password": _("Take at least 10 characters."),
    "order_deadline": _("Enter a day and a time."),
    "keep_until": _("Enter a day and a time."),
    "url": _("Enter a whole address, like https://example.com/photoferry, without a password in it."),
    "events": _("Tick at least one event."),
}
"""By the last part of the field's name."""


def explain_field(name: str, error: ErrorDetails, locale: Locale) -> str:
    """One sentence on what to type into a field."""
    gettext = words(locale).gettext
    if error["type"] == "string_too_long":
        return gettext(_("This is too long: at most %(max)s characters.")) % {"max": error["ctx"]["max_length"]}
    if known := FIELDS.get(name.split(".")[-1]):
        return gettext(known)
    if error["type"].startswith("int"):
        return gettext(_("Enter a whole number."))
    return gettext(_("Please check this field."))
