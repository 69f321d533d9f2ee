-- What is said of an obstacle, in whichever language: which text, with its values,
-- where there had been one sentence for each of two languages. Sentences that are
-- there stay as they are, in English, until their obstacle is over.

-- +goose Up
ALTER TABLE obstacles ADD COLUMN says TEXT NOT NULL DEFAULT '';
UPDATE obstacles SET says = en;
ALTER TABLE obstacles DROP COLUMN fr;
ALTER TABLE obstacles DROP COLUMN en;

-- +goose Down
ALTER TABLE obstacles ADD COLUMN fr TEXT NOT NULL DEFAULT '';
ALTER TABLE obstacles ADD COLUMN en TEXT NOT NULL DEFAULT '';
UPDATE obstacles SET fr = says, en = says;
ALTER TABLE obstacles DROP COLUMN says;
