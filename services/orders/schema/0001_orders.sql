CREATE TABLE studio (
    id uuid PRIMARY KEY,
    card json NOT NULL, -- contracts.orders.Studio
    revision int NOT NULL
);

CREATE TABLE gallery (
    id uuid PRIMARY KEY,
    studio json NOT NULL, -- contracts.orders.Studio
    settings json NOT NULL, -- contracts.orders.GallerySettings
    orders_placed int NOT NULL DEFAULT 0, -- the last readable order number
    opened_at timestamptz NOT NULL,
    revision int NOT NULL DEFAULT 1
);

CREATE INDEX gallery_by_studio ON gallery ((studio ->> 'id'));

CREATE TABLE client_order (
    id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL REFERENCES gallery ON DELETE CASCADE,
    studio_id uuid NOT NULL,
    number int NOT NULL,
    client json NOT NULL, -- contracts.orders.Client
    status text NOT NULL CHECK (status IN ('placed', 'paid', 'refunded', 'cancelled')),
    amount bigint NOT NULL CHECK (amount >= 0), -- minor units
    currency text NOT NULL,
    lines json NOT NULL, -- contracts.orders.OrderLine[]
    link_rotation int NOT NULL DEFAULT 0,
    placed_at timestamptz NOT NULL,
    revision int NOT NULL DEFAULT 1,
    UNIQUE (gallery_id, number)
);

CREATE TABLE ordered_photo (
    photo_id uuid NOT NULL,
    order_id uuid NOT NULL REFERENCES client_order ON DELETE CASCADE,
    PRIMARY KEY (photo_id, order_id)
);
CREATE INDEX ordered_photo_by_order ON ordered_photo (order_id);

CREATE TABLE withdrawn_photo (
    photo_id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL REFERENCES gallery ON DELETE CASCADE
);
CREATE INDEX withdrawn_photo_by_gallery ON withdrawn_photo (gallery_id);
