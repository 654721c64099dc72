CREATE INDEX mail_unsent ON mail (state) WHERE state <> 'sent'; -- counted whenever somebody reads the metrics
