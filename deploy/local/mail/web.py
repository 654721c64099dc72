"""The web side: pages for people, JSON for scripts."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.templating import Jinja2Templates

from deploy.local.mail.mailbox import Mail, Mailbox

TEMPLATES = Jinja2Templates(directory=Path(__file__).parent / "templates")

# A mail is foreign HTML: shown in a sandboxed frame, without scripts, and without anything from elsewhere.
LINKS_OPEN_NEW_PAGES = '<base target="_blank">'
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'"
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
)


def pages(mailbox: Mailbox) -> FastAPI:
    """The application that shows this mailbox."""
    app = FastAPI(title="Photoferry's mail catcher")

    def one(number: int) -> Mail:
        if mail := mailbox.get(number):
            return mail
        raise HTTPException(404, f"there is no mail {number}")

    found = Annotated[Mail, Depends(one)]

    @app.get("/api/mails")
    def list_mails() -> dict[str, Any]:
        """Every mail, the newest first, without bodies."""
        return {"items": [mail.summary() for mail in mailbox.all()]}

    @app.get("/api/mails/{number}")
    def read_mail(mail: found) -> dict[str, Any]:
        """One mail with its bodies and headers."""
        return mail.details()

    @app.get("/", response_class=HTMLResponse)
    def show_list(request: Request) -> Response:
        return _page(request, "list.html", mails=mailbox.all())

    @app.get("/mails/{number}", response_class=HTMLResponse)
    def show_mail(request: Request, mail: found) -> Response:
        return _page(request, "mail.html", mail=mail)

    @app.get("/mails/{number}/html", response_class=HTMLResponse)
    def show_html(mail: found) -> Response:
        return HTMLResponse(
            (mail.body("html") or "") + LINKS_OPEN_NEW_PAGES, headers={"Content-Security-Policy": MAIL_POLICY}
        )

    return app


def _page(request: Request, template: str, **context: object) -> Response:
    headers = {"Content-Security-Policy": PAGE_POLICY}
    return TEMPLATES.TemplateResponse(request, template, dict(context), headers=headers)
