"""Composition root of the notifier."""

from chassis.service import Service, run
from services.notifier.handlers import router
from services.notifier.measuring import measure
from services.notifier.reminding import remind_for_ever
from services.notifier.sending import SendingLoop
from services.notifier.settings import NotifierSettings
from services.notifier.smtp import MailServer, SmtpAddress
from services.notifier.writing import Writer


def main() -> None:
    """Run the service until it is told to stop."""
    settings = NotifierSettings()
    server = mail_server(settings)

    async def compose(service: Service) -> None:
        service.health.measures.append(lambda: measure(service.db))
        service.once_caught_up(SendingLoop(service.db, server, Writer(settings), settings).run)
        service.once_caught_up(lambda: remind_for_ever(service.db, settings.remind_every))

    run(Service("notifier", settings, router), compose)


def mail_server(settings: NotifierSettings) -> MailServer:
    """The mail server that the settings name; nothing is connected yet."""
    return MailServer(
        SmtpAddress.parse(settings.smtp_url.get_secret_value()),
        timeout=settings.smtp_timeout,
        answer_timeout=settings.smtp_answer_timeout,
        idle=settings.smtp_idle,
    )
