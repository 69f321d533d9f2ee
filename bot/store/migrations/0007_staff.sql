-- Who was once seen as staff: accounts are downgraded and deleted, and what they did stays an agent's.

-- +goose Up
DELETE FROM acts;                          -- they lack what is told since: comments' ids, texts and files, requesters; read anew where needed
CREATE TABLE staff (
    source     TEXT    NOT NULL,
    account    TEXT    NOT NULL,           -- the vendor's id
    PRIMARY KEY (source, account)
);

-- +goose Down
DROP TABLE staff;
