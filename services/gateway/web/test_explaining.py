"""What people are told is in their language, whatever is refused."""

import re
from pathlib import Path

from services.gateway.outgoing.addresses import NotPublic
from services.gateway.outgoing.sender import WITHIN
from services.gateway.web.explaining import (
    EXPLAINED,
    MAIL_ERRORS,
    UNSENT,
    WEBHOOK_REFUSALS,
    explain_mail,
    explain_unsent,
    explain_webhook,
)

SERVICES = Path(__file__).parents[2]
CODE = re.compile(r'''(?:Problem|Refusal)\(\s*\d{3},\s*"([a-z-]+)"|"code": "([a-z-]+)"''')
NOT_EXPLAINED = {
    "access-code-required",  # people are sent to the page that asks for it
    "not-logged-in",  # likewise
    "not-allowed",  # its detail is in the client's language already
    "invalid-idempotency-key",  # in a header, which browsers do not send
    "length-required",  # of the store's uploads, which are made by scripts
    "bad-webhook",  # of payment providers, which are programs
    "wrong-content-type",  # likewise
    "not-signed",  # of the store, which answers programs only
}


def sources(*folders: str) -> str:
    files = (path for folder in folders for path in sorted((SERVICES / folder).rglob("*.py")))
    return "".join(
        path.read_text() for path in files if "node_modules" not in path.parts and not path.name.startswith("test_")
    )


def test_every_refusal_that_people_can_meet_is_explained() -> None:
    found = {first or second for first, second in CODE.findall(sources("gateway", "orders", "transfers"))}
    by_status = set(re.findall(r'4\d\d: "([a-z-]+)"', sources("gateway")))
    assert len(found) > 30
    assert len(by_status) == 3
    assert not (found | by_status) - EXPLAINED.keys() - NOT_EXPLAINED


def test_what_the_notifier_says_of_a_mail_is_translated_and_the_servers_own_words_stay() -> None:
    notifier = sources("notifier")
    for known in MAIL_ERRORS:
        assert known in notifier
        assert not explain_mail(f"{known} 421 later", "pl").startswith(known)
        assert explain_mail(f"{known} 421 later", "pl").endswith(" 421 later")
    assert explain_mail("550 no such user", "pl") == "550 no such user"


def test_why_webhooks_are_refused_is_translated_and_the_names_in_them_stay() -> None:
    providers = sources("gateway/payments")
    for known in WEBHOOK_REFUSALS:
        assert known in providers
        assert explain_webhook(f"{known} data.amount", "pl") != f"{known} data.amount"
        assert explain_webhook(f"{known} data.amount", "pl").endswith(" data.amount")


def test_why_a_webhook_has_no_answer_is_translated_and_the_networks_words_stay() -> None:
    said = (f"No answer within {WITHIN:g} s", str(NotPublic()))
    for known, reason in zip(UNSENT, said, strict=True):
        assert reason.startswith(known)
        assert explain_unsent(reason, "pl") == explain_unsent(known, "pl") + reason.removeprefix(known)
        assert explain_unsent(known, "pl") != known
    assert explain_unsent("Connect call failed", "pl") == "Connect call failed"
