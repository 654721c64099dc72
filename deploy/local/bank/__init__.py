"""A pretend bank for trying payments out: it moves no money, and signs its webhooks as the Standard Webhooks say."""
