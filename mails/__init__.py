"""What mails say, for who sends them and for who shows them before they go."""
