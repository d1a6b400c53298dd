-- Why a second person agreed to what a first one asked for about a file.
-- +goose Up
alter table file_decision add column second_reason text not null default '';
