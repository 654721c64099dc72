-- Upload slots: the gateway gives them out, transfers says what became of them.
CREATE TABLE upload (
    id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL,
    studio_id uuid NOT NULL,
    tab text NOT NULL,
    filename text NOT NULL,
    size bigint NOT NULL,
    object_key text NOT NULL,
    multipart_id text,
    status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'processing', 'stored', 'rejected')),
    code text, -- of the reason, for programs
    reason text,
    file_id uuid,
    opened_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX upload_by_gallery ON upload (gallery_id);
CREATE INDEX upload_waiting ON upload (opened_at) WHERE status = 'waiting';

-- What was downloaded is told once a day for each final of an order: a resumed download is not a second one.
CREATE TABLE download (
    order_id uuid NOT NULL,
    transfer_id uuid NOT NULL,
    version int NOT NULL,
    as_zip boolean NOT NULL,
    on_day date NOT NULL,
    gallery_id uuid NOT NULL,
    PRIMARY KEY (order_id, transfer_id, version, as_zip, on_day)
);
CREATE INDEX download_by_gallery ON download (gallery_id);

-- When an address was last sent its links.
CREATE TABLE link_mail (
    gallery_id uuid NOT NULL,
    email text NOT NULL,
    sent_at timestamptz NOT NULL,
    PRIMARY KEY (gallery_id, email)
);
