-- Lines of bank statements that an order was marked as paid by: they are not proposed again.
CREATE TABLE bank_line (
    studio_id uuid NOT NULL REFERENCES studio ON DELETE CASCADE, -- one account may pay orders of many galleries
    fingerprint bytea NOT NULL, -- services.gateway.bank.statement.Line
    gallery_id uuid NOT NULL,
    PRIMARY KEY (studio_id, fingerprint)
);
CREATE INDEX bank_line_by_gallery ON bank_line (gallery_id);
