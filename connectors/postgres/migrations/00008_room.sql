-- Every item moves about eleven times, every card and account once when it is activated, all rows of a batch in one transaction:
-- half a page must be free for a new version of each row to stay on its page (a HOT update), which spares the indexes.
-- +goose Up
alter table issuance_item set (fillfactor = 45);
alter table card set (fillfactor = 48);
alter table bank_account set (fillfactor = 48);
