-- The monthly population match: whom civil affairs is asked about, and what people then have to look at.
-- +goose Up
alter table rollout drop constraint rollout_kind_check, add constraint rollout_kind_check check (kind in ('issuance', 'subsidy', 'match'));

-- A match is kept as a rollout whose batches are its pages, so that its files are those of batches.
create table match_run (
    rollout integer     primary key references rollout (no) on delete cascade,
    month   text        not null unique,                   -- YYYY-MM
    since   timestamptz not null                           -- payments of rollouts made from then on count as recent
);

-- The people of one file. They are not kept one by one: 125 million rows a month would tell no more.
create table match_page (
    rollout      integer not null references rollout (no) on delete cascade,
    city         integer not null,
    page         integer not null,                         -- from 1, in each city
    batch        integer not null,
    part         text    not null check (part in ('cards', 'paid')),
    last         text    collate "C" not null,             -- the key of the last one: a card number, or a blind index in hex
    people       bytea[] not null,                         -- blind indexes, by the row in the file
    alive        integer not null default 0,
    deceased     integer not null default 0,
    renamed      integer not null default 0,
    unregistered integer not null default 0,
    answered_at  timestamptz,
    expired_at   timestamptz,                              -- the deadline passed before there was an answer
    primary key (rollout, city, page),
    unique (rollout, batch)
);

-- What a person has to look at. The finding is told once for each person, month and cause, and open once for each person and cause.
create table review (
    no          integer     generated always as identity primary key,
    person      bytea       not null,
    city        integer     not null,
    month       text        not null,
    cause       text        not null check (cause in ('deceased', 'renamed', 'unregistered')),
    sealed      bytea       not null,                      -- the date of death, or nothing
    rollout     integer     not null,                      -- the match, and the row that told it
    batch       integer     not null,
    row_no      integer     not null,
    file        bigint      not null,
    died_before boolean     not null,                      -- the ledger knew of the death before
    opened_at   timestamptz not null,
    alive       text        not null default '',           -- a later month in which civil affairs found nothing any more
    asked_by    text        not null default '',           -- who first wanted that money flows again
    asked_at    timestamptz,
    asked_why   text        not null default '',
    outcome     text        not null default '' check (outcome in ('', 'keep', 'stop')),
    decided_by  text        not null default '' check (decided_by = '' or decided_by <> asked_by or outcome = 'stop'),
    decided_why text        not null default '',
    closed_at   timestamptz,
    check ((outcome = '') = (closed_at is null)),
    check (outcome <> 'keep' or cause <> 'deceased' or asked_by <> ''),
    unique (person, month, cause)
);
create unique index review_open on review (person, cause) where closed_at is null;
create index review_match on review (rollout);
create index payout_trace_source on payout_trace (source) where source like 'review/%';
