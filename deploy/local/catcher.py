"""The mail catcher as a private server."""

from pathlib import Path

from deploy.local.ports import HOST, kept_port
from deploy.local.process import Command
from deploy.local.python import python_command
from deploy.local.server import Server, listens


class MailCatcher(Server):
    """Takes every mail, sends none on. `deploy.local.mail.smtp` says which addresses make it refuse or hang up."""

    name = "mail"

    def __init__(
        self, folder: Path, *, port: int | None = None, web_port: int | None = None, log: Path | None = None
    ) -> None:
        super().__init__(folder, port=port, log=log)
        self.web_port = web_port or kept_port(self.folder / "web_port")

    @property
    def url(self) -> str:
        """Where to send mails: `smtp://host:port`."""
        return f"smtp://{HOST}:{self.port}"

    @property
    def web_url(self) -> str:
        """Where to read them; `/api/mails` and `/api/mails/{number}` are for scripts."""
        return f"http://{HOST}:{self.web_port}"

    def _command(self) -> Command:
        options = {"--folder": self.folder / "mails", "--smtp-port": self.port, "--web-port": self.web_port}
        words = [str(word) for option in options.items() for word in option]
        return python_command("deploy.local.mail", *words, log=self.log)

    async def _answers(self) -> bool:
        return await listens(self.port) and await listens(self.web_port)
