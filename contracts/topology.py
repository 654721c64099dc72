"""Who listens to what: the one table of the bus.

Each row is one durable queue, named for its service and handler. Every service declares all rows when it starts, so a
message always finds its queues, also those of services that have never run yet.
"""

from contracts.base import Message
from contracts.entitlements import (
    ConfirmMatch,
    EntitlementsGranted,
    EntitlementsRevoked,
    OrderNotReady,
    OrderReady,
    TransferMatched,
    WithdrawMatch,
)
from contracts.erasure import EntitlementsErased, NotifierErased, OrdersErased, TransfersErased
from contracts.gateway import PaymentDisputed, PaymentReceived, PaymentRefunded, PhotoDownloaded
from contracts.notifier import (
    ClientNotified,
    ClientReminded,
    NotificationFailed,
    NotificationProgressed,
    NotifyClients,
    ReminderFailed,
    ReminderProgressed,
    SendAgain,
    SendLinks,
    SendPasswordReset,
    SendReminders,
)
from contracts.orders import (
    CancelOrder,
    ChangeGallery,
    ChangeStudio,
    ClientCorrected,
    ClientErased,
    CommandRefused,
    CorrectClient,
    DeleteGallery,
    EraseClient,
    GalleryChanged,
    GalleryDeleted,
    GalleryOpened,
    LinkRotated,
    MarkOrdersPaid,
    OpenGallery,
    OrderCancelled,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderRejected,
    OrderUnchanged,
    PhotoWithdrawn,
    PlaceOrder,
    RefundOrder,
    RotateLink,
    WithdrawPhoto,
)
from contracts.payments import AssignPayment, DismissPayment, PaymentNoted
from contracts.transfers import (
    DiscardUploads,
    PhotoUploaded,
    RegisterUpload,
    RemoveTransfer,
    TransferRefused,
    TransferRemoved,
    TransferUploaded,
    UploadRejected,
)

QUEUES: dict[str, tuple[type[Message], ...]] = {
    "orders.open_gallery": (OpenGallery,),
    "orders.change_gallery": (ChangeGallery,),
    "orders.change_studio": (ChangeStudio,),
    "orders.delete_gallery": (DeleteGallery,),
    "orders.place_order": (PlaceOrder,),
    "orders.change_orders": (MarkOrdersPaid, CancelOrder, RefundOrder, RotateLink, CorrectClient, EraseClient),
    "orders.withdraw_photo": (WithdrawPhoto,),
    "orders.follow_payments": (PaymentReceived, PaymentRefunded, PaymentDisputed),
    "orders.change_payments": (AssignPayment, DismissPayment),
    "transfers.register_upload": (RegisterUpload,),
    "transfers.discard_uploads": (DiscardUploads,),
    "transfers.remove_transfer": (RemoveTransfer,),
    "transfers.remove_photo": (PhotoWithdrawn,),
    "transfers.forget_gallery": (GalleryDeleted,),
    "entitlements.follow_order": (OrderPaid, OrderRefunded, OrderCancelled, ClientErased),
    "entitlements.follow_transfer": (TransferUploaded, TransferRemoved),
    "entitlements.follow_photo": (PhotoUploaded, PhotoWithdrawn),
    "entitlements.confirm_match": (ConfirmMatch,),
    "entitlements.withdraw_match": (WithdrawMatch,),
    "entitlements.forget_gallery": (GalleryDeleted,),
    "notifier.follow_gallery": (GalleryOpened, GalleryChanged),
    "notifier.follow_order": (
        OrderPlaced,
        OrderPaid,
        OrderRefunded,
        OrderCancelled,
        ClientCorrected,
        ClientErased,
        LinkRotated,
    ),
    "notifier.follow_readiness": (OrderReady, OrderNotReady),
    "notifier.notify_clients": (NotifyClients,),
    "notifier.send_again": (SendAgain,),
    "notifier.send_links": (SendLinks,),
    "notifier.send_reminders": (SendReminders,),
    "notifier.send_password_reset": (SendPasswordReset,),
    "notifier.follow_downloads": (PhotoDownloaded,),
    "notifier.forget_gallery": (GalleryDeleted,),
    "gateway.project_gallery": (GalleryOpened, GalleryChanged),
    "gateway.forget_gallery": (GalleryDeleted,),
    "gateway.project_erasure": (OrdersErased, TransfersErased, EntitlementsErased, NotifierErased),
    "gateway.project_order": (
        OrderPlaced,
        OrderPaid,
        OrderRefunded,
        OrderCancelled,
        ClientCorrected,
        ClientErased,
        LinkRotated,
        OrderUnchanged,
    ),
    "gateway.project_payment": (PaymentNoted,),
    "gateway.project_answer": (OrderRejected, CommandRefused, TransferRefused),
    "gateway.project_photo": (PhotoUploaded, PhotoWithdrawn),
    "gateway.project_transfer": (TransferUploaded, TransferRemoved),
    "gateway.project_rejection": (UploadRejected,),
    "gateway.project_match": (TransferMatched,),
    "gateway.project_entitlements": (EntitlementsGranted, EntitlementsRevoked),
    "gateway.project_readiness": (OrderReady, OrderNotReady),
    "gateway.project_notification": (NotificationProgressed, ClientNotified, NotificationFailed),
    "gateway.project_reminder": (ReminderProgressed, ClientReminded, ReminderFailed),
}

IN_ORDER = frozenset({"orders.change_gallery", "orders.change_orders"})
"""Queues whose commands are done in the order in which they were accepted, by one consumer of all copies: the last one
counts."""

SERVICES = ("gateway", "orders", "transfers", "entitlements", "notifier")

MESSAGES: dict[str, type[Message]] = {message.topic: message for messages in QUEUES.values() for message in messages}
"""Every message that somebody listens to, by topic."""
