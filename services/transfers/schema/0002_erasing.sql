-- Deleted galleries whose files are still being removed from the store.
CREATE TABLE erasing (
    gallery_id uuid PRIMARY KEY,
    folder text NOT NULL, -- nothing below it is doomed any more: all of it is removed
    photos int NOT NULL,
    finals int NOT NULL,
    correlation_id uuid NOT NULL,
    causation_id uuid NOT NULL
);
