-- How much the proof is worth that a file of ours is at its partner: on a server that lets nobody read a file twice, its name
-- and size were seen there and not its digest.
-- +goose Up
alter table exchange_file add column size_only boolean not null default false;
