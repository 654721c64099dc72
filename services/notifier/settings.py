"""What the notifier is told by its environment."""

from pydantic import Field, SecretStr, field_validator

from chassis.settings import LinkSettings
from services.notifier.smtp import SmtpAddress


class NotifierSettings(LinkSettings):
    """Where mails go out, in whose name, and how patiently."""

    smtp_url: SecretStr
    """`smtp://user:password@host:port`, `smtps://…`, or `smtp://…?starttls=required`. The latter two insist on
    TLS and check the certificate; the first uses TLS where it is offered, with any certificate."""
    mail_from: str = Field(default="photoferry@localhost", pattern=r"^[!-?A-~]+@[!-?A-~]+$")
    """The address that mails come from; the name beside it, and the address for answers, are the studio's."""
    mail_retries: tuple[float, ...] = Field(default=(1, 10, 60, 600), min_length=1)
    """Seconds between tries while the mail server says "later" (4xx); the last one repeats."""
    mail_retry_for: float = 86_400
    """Seconds that a mail is tried before it counts as failed."""
    mail_poll: float = Field(default=0.5, gt=0)
    """Seconds after which an idle sender looks again for mails."""
    remind_every: float = Field(default=600, gt=0)
    """Seconds between looks for who is to be reminded by itself."""
    smtp_reconnect: tuple[float, ...] = Field(default=(1, 10, 60), min_length=1)
    """Seconds between tries while the mail server cannot be reached; the last one repeats. Mails wait meanwhile."""
    smtp_timeout: float = Field(default=60, gt=0)
    """Seconds that the mail server has to answer a command."""
    smtp_answer_timeout: float = Field(default=600, gt=0)
    """Seconds that it has to answer to a mail's content (RFC 5321, 4.5.3.2.6: 10 minutes)."""
    smtp_idle: float = Field(default=5, ge=0)
    """Seconds that an unused connection is kept."""

    @field_validator("smtp_url")
    @classmethod
    def _readable(cls, url: SecretStr) -> SecretStr:
        SmtpAddress.parse(url.get_secret_value())
        return url
