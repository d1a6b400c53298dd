-- The ledger of issuance. Tables that grow with the population lead their key with the city (GB/T 2260 prefecture), so that
-- they can be partitioned by prefecture. Personal data is SM4-GCM ciphertext; people are found by a keyed SM3 blind index.
-- +goose Up

create table rollout (
    no               integer generated always as identity primary key,
    id               text        not null unique,
    kind             text        not null check (kind in ('issuance')),
    name             text        not null,
    status           text        not null,
    note             text        not null default '',      -- why it stands where it stands, as a reason code
    roster           text        not null,                 -- the file's name
    roster_sm3       bytea       not null,
    rows             integer     not null default 0,       -- rows handed in
    refused          integer     not null default 0,       -- of these refused at intake
    canary_threshold integer     not null,                 -- failures per ten thousand rows
    made_by          text        not null,
    made_at          timestamptz not null,
    submitted_by     text,
    submitted_at     timestamptz,
    content_hash     bytea,                                -- SM3 over the batches' hashes, set on submission
    started_at       timestamptz,
    finished_at      timestamptz
);

-- What was handed in and passed the checks: the content that an approval is bound to. Rows are written once.
create table roster_row (
    city    integer  not null,
    rollout integer  not null references rollout (no) on delete cascade,
    row_no  integer  not null,
    bank    smallint not null,
    outlet  text     not null,
    mode    text     not null,                             -- O outlet, E employer, P post
    person  bytea    not null,                             -- blind index of the social security number
    sealed  bytea    not null,                             -- card.Application
    primary key (city, rollout, row_no)
);

-- What was handed in and refused at intake, with all reasons of the row.
create table roster_refusal (
    rollout integer not null references rollout (no) on delete cascade,
    row_no  integer not null,
    city    integer not null,                              -- 0 where the row names none that is known
    bank    smallint not null,
    outlet  text    not null default '',                   -- of a row that was refused after it could be read, with its mode
    mode    text    not null default '',
    person  bytea,                                         -- null where the row bears no usable number
    reasons text[]  not null,
    sealed  bytea   not null,                              -- the cells as they stood, or card.Application
    primary key (rollout, row_no)
);

create table batch (
    rollout       integer     not null references rollout (no) on delete cascade,
    number        integer     not null,
    city          integer     not null,
    bank          smallint    not null,
    kind          text        not null check (kind in ('canary', 'bulk', 'remake')),
    parent        integer,                                 -- of a remake: the batch whose cards failed
    rows          integer     not null,                    -- as planned; rows made anew move on to a remake
    hash          bytea,                                   -- SM3 over its rows; of a remake null: its rows stand in their home batch
    status        text        not null default 'planned',
    step          text        not null default '',
    counts        jsonb       not null default '{}',
    waiting_for   text,
    waiting_what  text,
    waiting_until timestamptz,
    started_at    timestamptz,
    finished_at   timestamptz,
    primary key (rollout, number)
);
create unique index batch_remade_once on batch (rollout, parent) where kind = 'remake';

-- Where each row stands. Narrow, with room left on the page: a change of status stays on its page (a HOT update).
create table issuance_item (
    city     integer  not null,
    rollout  integer  not null,
    batch    integer  not null,
    row_no   integer  not null,
    home     integer  not null,                            -- the batch under whose hash the row was approved
    status   smallint not null,                            -- card.ItemStatus
    reason   text,                                         -- why it was refused, failed or is unknown
    prior    smallint,                                     -- the status that a failure or withdrawal ended
    card_no  text collate "C",
    tracking text,
    round    smallint,                                     -- the round of hand-overs with which it was activated
    primary key (city, rollout, batch, row_no)
) with (fillfactor = 55, autovacuum_vacuum_scale_factor = 0.5);

-- One row a person: the claim on the one card that a person may have. Keyed by the blind index alone, because
-- one card per person holds across the province.
create table person (
    person  bytea    primary key,
    city    integer  not null,
    sealed  bytea    not null,
    died    boolean  not null default false,
    card_no text collate "C",                              -- the card that is live or on its way; null: none
    rollout integer,
    row_no  integer
) with (fillfactor = 90);

-- A range of card-number bodies: prefix and a decimal serial that together are eight characters.
create table card_range (
    id     integer generated always as identity primary key,
    city   integer not null,
    prefix text    not null,
    first  bigint  not null,
    last   bigint  not null,
    next   bigint  not null,
    check (first <= next and next <= last + 1),
    unique (city, prefix, first)
);

create table card_allocation (
    range   integer not null references card_range (id),
    first   bigint  not null,
    last    bigint  not null,
    rollout integer not null,
    batch   integer not null,
    primary key (range, first)
);
create index card_allocation_batch on card_allocation (rollout, batch);

create table bank_account (
    city      integer     not null,
    card_no   text collate "C" not null,
    bank      smallint    not null,
    pan       bytea       not null,                        -- blind index of the PAN
    sealed    bytea       not null,                        -- PAN and account number
    status    smallint    not null,                        -- card.AccountStatus
    code      text        not null,                        -- the bank's own code of the last change
    file      bigint      not null,                        -- the file that told it
    at        timestamptz not null,
    to_close  boolean     not null default false,          -- opened for a row that was withdrawn
    primary key (city, card_no)
) with (fillfactor = 75);
create unique index bank_account_pan on bank_account (pan);

create table card (
    city        integer  not null,
    card_no     text collate "C" not null,
    person      bytea    not null,
    bank        smallint not null,
    rollout     integer  not null,
    row_no      integer  not null,
    app_status  smallint not null,                         -- card.AppStatus
    ident       text     not null,                         -- card identification code, 32 hex
    atr         text     not null,                         -- historical bytes, 26 hex
    position    text     not null,                         -- bin-box-slot
    issued_on   date     not null,
    valid_until date     not null,
    primary key (city, card_no)
) with (fillfactor = 75);

create unique index card_chip on card (city, ident);

create table card_event (
    city    integer     not null,
    card_no text collate "C" not null,
    id      bigint generated always as identity,
    at      timestamptz not null,
    what    text        not null,
    source  text        not null,
    file    bigint,
    primary key (city, card_no, id)
);

-- Movements of finished cards, by quantity; each card's place is its item's status.
create table stock_movement (
    id         bigint generated always as identity primary key,
    city       integer     not null,
    rollout    integer     not null,
    batch      integer     not null,
    from_place text        not null,
    to_place   text        not null,
    quantity   integer     not null,
    first_no   text        not null,
    last_no    text        not null,
    by_whom    text        not null,
    at         timestamptz not null,
    unique (rollout, batch, from_place, to_place)
);

create table exchange_file (
    no            bigint generated always as identity primary key,
    partner       text     not null,
    direction     text     not null check (direction in ('out', 'in')),
    kind          text     not null,
    business_date text     not null,
    sequence      integer  not null,
    rollout       integer,
    batch         integer,
    round         integer  not null default 0,
    state         text     not null check (state in ('reserved', 'confirmed', 'processed', 'quarantined')),
    reason        text     not null default '',
    rows          integer  not null default 0,
    size          bigint   not null default 0,
    total_fen     bigint   not null default 0,
    sm3           text     not null default '',
    reserved_at   timestamptz not null,
    confirmed_at  timestamptz,                             -- out: the partner's server showed our bytes; in: archived and checked
    processed_at  timestamptz,
    unique (partner, kind, business_date, sequence)
);
-- The business key of a file that we send: one a batch, kind and round, whatever is retried.
create unique index exchange_file_once on exchange_file (rollout, batch, kind, round) where direction = 'out';

create table approval (
    rollout  integer     not null references rollout (no) on delete cascade,
    by_whom  text        not null,
    hash     bytea       not null,
    at       timestamptz not null,
    primary key (rollout, by_whom)
);

-- What happened to a rollout, in codes that the edge puts into words.
create table rollout_event (
    rollout integer     not null references rollout (no) on delete cascade,
    id      bigint generated always as identity,
    at      timestamptz not null,
    batch   integer,
    what    text        not null,
    who     text        not null default '',
    args    jsonb       not null default '{}',
    key     text        not null,                          -- business key: the same event is told once
    primary key (rollout, id),
    unique (rollout, key)
);

create table audit (
    no      bigint      primary key,
    at      timestamptz not null,
    who     text        not null,
    action  text        not null,
    subject text        not null,
    detail  text        not null,
    hash    bytea       not null                           -- SM3 over the line before and this line
);
-- +goose StatementBegin
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the table % is written once: % refused', tg_table_name, tg_op;
end $$;
-- +goose StatementEnd
create trigger audit_written_once before update or delete on audit for each row execute function refuse_change();
create trigger roster_row_written_once before update on roster_row for each row execute function refuse_change();
