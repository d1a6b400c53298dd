-- A review may correct the holder's name in the ledger, by two people. What the name was before stays provable.
-- +goose Up
create table person_name (
    person bytea       not null,
    sealed bytea       not null,                           -- the person as it stood before
    named  bytea,
    review integer     not null unique references review (no),
    until  timestamptz not null
);
create trigger person_name_written_once before update or delete on person_name for each row execute function refuse_change();

alter table review add column asked_name bytea not null default ''; -- the name that the first of two people gave, sealed
-- +goose StatementBegin
do $$
declare c record;
begin
    for c in select conname from pg_constraint where conrelid = 'review'::regclass and contype = 'c'
        and pg_get_constraintdef(oid) similar to '%(outcome = ANY|decided_by <> asked_by)%'
    loop
        execute format('alter table review drop constraint %I', c.conname);
    end loop;
end $$;
-- +goose StatementEnd
alter table review
    add constraint review_outcome check (outcome in ('', 'keep', 'stop') or outcome = 'rename' and cause = 'renamed' and asked_by <> '' and asked_name <> ''),
    add constraint review_two_people check (decided_by = '' or decided_by <> asked_by or outcome = 'stop' or outcome = 'keep' and cause <> 'deceased');
