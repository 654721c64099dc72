"""A mail catcher: takes every mail by SMTP, sends none on, and shows them on a small web page."""
