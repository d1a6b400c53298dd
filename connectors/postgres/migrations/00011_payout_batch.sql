-- Payments are read batch by batch: their rows stand together, too. A payment is found by its person through the entitlement, so
-- no index by person is kept beside it; and no payment outlives its rollout, which is never deleted.
-- +goose Up
alter table payout_row drop constraint payout_row_rollout_fkey;
drop index payout_row_person;
alter table payout_row add column batch integer;
alter table payout_row disable trigger payout_row_written_once;
update payout_row r set batch = i.batch from payout_item i where i.city = r.city and i.rollout = r.rollout and i.row_no = r.row_no;
alter table payout_row enable trigger payout_row_written_once;
alter table payout_row alter column batch set not null, drop constraint payout_row_pkey, add primary key (city, rollout, batch, row_no);
