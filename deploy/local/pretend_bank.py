"""The pretend bank as a private server."""

from deploy.local.ports import HOST
from deploy.local.process import Command
from deploy.local.python import python_command
from deploy.local.server import Server


class PretendBank(Server):
    """Payment provider `sandbox`: takes no money, and does to webhooks what real ones do."""

    name = "bank"

    @property
    def url(self) -> str:
        """Where checkouts are opened."""
        return f"http://{HOST}:{self.port}"

    def _command(self) -> Command:
        options = {"--folder": self.folder / "checkouts", "--port": self.port}
        words = [str(word) for option in options.items() for word in option]
        return python_command("deploy.local.bank", *words, log=self.log)
