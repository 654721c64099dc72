-- Nobody knows any more whose order it is: nobody is written to about it.
ALTER TABLE client_order ADD COLUMN erased boolean NOT NULL DEFAULT false;
