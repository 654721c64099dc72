"""What clients are told, in their language."""

from contracts.orders import DownloadPolicy, Locale, OrderStatus
from services.gateway.rights import Closed

CLOSED: dict[Locale, dict[Closed, str]] = {
    "en": {
        DownloadPolicy.NONE: "The photographer has not opened the downloads of this gallery yet. Come back later.",
        OrderStatus.PLACED: "This order is not paid yet. Come back when it is: finished photos will be here then.",
        OrderStatus.REFUNDED: "This order was refunded: nothing to download. If that is wrong, ask the photographer.",
        OrderStatus.CANCELLED: "This order was cancelled: nothing to download. If that is wrong, ask the photographer.",
    },
    "pl": {
        DownloadPolicy.NONE: "Fotograf nie udostępnił jeszcze plików z tej galerii. Zajrzyj tu później.",
        OrderStatus.PLACED: "To zamówienie nie jest jeszcze opłacone. Gotowe zdjęcia będą tu po opłaceniu.",
        OrderStatus.REFUNDED: "To zamówienie zwrócono: nie ma czego pobrać. W razie pomyłki napisz do fotografa.",
        OrderStatus.CANCELLED: "To zamówienie anulowano: nie ma czego pobrać. W razie pomyłki napisz do fotografa.",
    },
}
"""Why a personal link gives nothing."""

NOT_ORDERED: dict[Locale, str] = {
    "en": "This photo is not part of your order. Order it from the photographer first.",
    "pl": "Tego zdjęcia nie ma w Twoim zamówieniu. Najpierw zamów je u fotografa.",
}
NOTHING_FINISHED: dict[Locale, str] = {
    "en": "None of your photos is finished yet. Come back later.",
    "pl": "Żadne z Twoich zdjęć nie jest jeszcze gotowe. Zajrzyj tu później.",
}

ANYONE_ONLY: dict[Locale, dict[DownloadPolicy, str]] = {
    "en": {
        DownloadPolicy.NONE: "The photographer has not opened the downloads of this gallery yet. Come back later.",
        DownloadPolicy.ORDERED_AND_PAID: "Your photos are behind your personal link: open it from your mail. "
        "If you cannot find it, ask here for it to be sent again.",
    },
    "pl": {
        DownloadPolicy.NONE: "Fotograf nie udostępnił jeszcze plików z tej galerii. Zajrzyj tu później.",
        DownloadPolicy.ORDERED_AND_PAID: "Twoje zdjęcia są pod Twoim osobistym linkiem: otwórz go z wiadomości. "
        "Jeśli nie możesz go znaleźć, poproś tu o ponowne wysłanie.",
    },
}
"""Why a public link gives no finals (S6)."""
