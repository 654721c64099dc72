-- Nobody knows any more whose order it is; its personal link is dead.
ALTER TABLE client_order ADD COLUMN erased boolean NOT NULL DEFAULT false;
