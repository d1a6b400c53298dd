-- A payment that follows one that came back, or never left, is its next version: its instruction number says so.
-- +goose Up
alter table payout_row add column version smallint not null default 1;
