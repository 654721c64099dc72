ALTER TABLE outbox ADD COLUMN traceparent text; -- the trace that the message belongs to (W3C Trace Context), if there is one
