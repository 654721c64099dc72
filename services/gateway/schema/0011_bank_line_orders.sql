-- For which order a line was confirmed, by which request, and what is wrong where it did not pay that order.
ALTER TABLE bank_line
    ADD COLUMN order_id uuid,
    ADD COLUMN request_id uuid,
    ADD COLUMN problem text;
CREATE INDEX bank_line_by_request ON bank_line (request_id);
