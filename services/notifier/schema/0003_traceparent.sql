ALTER TABLE mail ADD COLUMN traceparent text; -- the trace of what wanted it or made it due
