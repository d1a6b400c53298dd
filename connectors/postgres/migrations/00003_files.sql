-- The truth about every file: the time of each of its stages, what the checks found, the receipts that are owed for files
-- that came, and what people decided about files.
-- +goose Up

-- A file that we send is written (named and archived), confirmed (read back at the partner), acknowledged (the partner has
-- taken it) and processed (its answer is applied); one that comes is confirmed (archived and checked), processed (applied) and
-- acknowledged (our receipt is at the partner). The stages are read off their times; state stays what a step may rely on.
alter table exchange_file
    add column layout          text        not null default '',
    add column written_at      timestamptz,
    add column acknowledged_at timestamptz,
    add column acknowledged_by text        not null default '', -- out: done, answer or notice; in: receipt
    add column quarantined_at  timestamptz,                     -- out: the partner refused it
    add column due_at          timestamptz,                     -- in: when it should have come; null where nothing is agreed
    add column joined_at       timestamptz,                     -- in: it came by hand
    add column withdrawn_at    timestamptz,                     -- out: taken back from the inbox before the partner took it
    add column replaced_by     bigint      references exchange_file (no), -- out: sent again under this one
    add column answers         bigint      references exchange_file (no), -- of a receipt: the file that it answers
    add column verdict         integer,                         -- of a receipt: file_verdict.no
    add column called          text        not null default '', -- of a stray: the shape of the name that the partner gave it
    add column alias           text        not null default ''; -- of a stray: SM3 of that name

-- A file that was sent again under another number gives its business key to its successor.
drop index exchange_file_once;
create unique index exchange_file_once on exchange_file (rollout, batch, kind, round) where direction = 'out' and replaced_by is null;
create unique index exchange_file_receipt on exchange_file (answers, verdict) where kind = 'RECEIPT';
create unique index exchange_file_stray on exchange_file (partner, alias) where alias <> '';
create index exchange_file_content on exchange_file (partner, sm3) where direction = 'in' and sm3 <> '';
create index exchange_file_untaken on exchange_file (partner) where direction = 'out' and confirmed_at is not null and acknowledged_at is null;

-- What the hub said about one edition of a file. A corrected file under the same name gets a verdict of its own.
create table file_verdict (
    file       bigint      not null references exchange_file (no),
    no         integer     not null,
    at         timestamptz not null,
    sm3        text        not null,
    outcome    text        not null check (outcome in ('00', '01', '02')), -- card.Outcome
    receipt_at timestamptz,                                                -- when its receipt was read back at the partner
    primary key (file, no)
);
create index file_verdict_owed on file_verdict (file) where receipt_at is null;

-- What the checks found, in shapes that hold no personal data: n = 0 about the file, from 1 on about its rows.
create table file_check (
    file     bigint  not null,
    verdict  integer not null,
    n        integer not null,
    reason   text    not null,
    ref      bigint  not null default 0,
    line     integer not null default 0,
    col      integer not null default 0,
    name     text    not null default '',
    found    text    not null default '',
    expected text    not null default '',
    primary key (file, verdict, n),
    foreign key (file, verdict) references file_verdict (file, no)
);

-- What people decided about a file. Releases and new sendings wait for a second person.
create table file_decision (
    no        bigint      generated always as identity primary key,
    file      bigint      not null references exchange_file (no),
    what      text        not null check (what in ('quarantine', 'release', 'reissue', 'rejoin')),
    sm3       text        not null default '',
    reason    text        not null,
    by_whom   text        not null,
    at        timestamptz not null,
    second    text        check (second <> by_whom),
    second_at timestamptz,
    successor bigint      references exchange_file (no),        -- of a new sending: the file that is sent
    closed_at timestamptz                                       -- a hold that was lifted, a decision that was carried out
);
create unique index file_decision_open on file_decision (file, what) where closed_at is null;
-- Which rows a file changed is asked for by the file; events are appended in the order of files, so a small index finds them.
create index card_event_file on card_event using brin (file) with (pages_per_range = 32);
