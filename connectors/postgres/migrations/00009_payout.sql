-- The ledger of subsidy rollouts: programmes, who may approve, what is paid to whom, and that nobody is paid twice.
-- +goose Up
alter table rollout drop constraint rollout_kind_check, add constraint rollout_kind_check check (kind in ('issuance', 'subsidy'));

-- Blind index of number and name together, by which a name is compared without being read. Of people from before: null.
alter table roster_row add column named bytea;
alter table person add column named bytea;
alter table batch add column fen bigint;                   -- of payments: as planned
alter table roster_refusal add column fen bigint not null default 0;

create table programme (
    id    text        primary key,
    rules jsonb       not null,                            -- card.Programme
    no    integer     generated always as identity unique, -- short, for the keys of entitlements
    at    timestamptz not null
);

-- Who may approve money, in which role, and the key by which an approval is known to be theirs.
create table approver (
    name       text        not null,
    role       text        not null check (role in ('checker', 'releaser', 'finance')),
    public_key bytea       not null,                       -- SM2, uncompressed point
    added_by   text        not null,
    at         timestamptz not null,
    primary key (name, role)
);
alter table approval
    add column role      text  not null default '',
    add column signature bytea not null default '';

-- What a subsidy rollout has beside what every rollout has.
create table payout (
    rollout       integer primary key references rollout (no) on delete cascade,
    programme     text    not null references programme (id),
    rules         jsonb   not null,                        -- card.Programme as it stood when the rollout was made
    period        text    not null,
    declared_rows integer not null,
    declared_fen  bigint  not null,
    fen           bigint  not null default 0,              -- handed in
    refused_fen   bigint  not null default 0,              -- of these refused at intake
    checked_at    timestamptz,                             -- civil affairs and the banks have answered
    notice_until  timestamptz
);

-- Who is to be paid how much on which card: the content that an approval is bound to. Rows are written once.
create table payout_row (
    city    integer  not null,
    rollout integer  not null references rollout (no) on delete cascade,
    row_no  integer  not null,
    bank    smallint not null,
    person  bytea    not null,
    card_no text collate "C" not null,
    fen     bigint   not null check (fen > 0),
    primary key (city, rollout, row_no)
);
create trigger payout_row_written_once before update on payout_row for each row execute function refuse_change();

-- Where each payment stands. Rows move two or three times, a whole batch in one transaction.
create table payout_item (
    city    integer  not null,
    rollout integer  not null,
    batch   integer  not null,
    row_no  integer  not null,
    status  smallint not null,                             -- card.PayStatus
    fen     bigint   not null,
    reason  text,                                          -- why it is held, refused, unknown or came back
    file    bigint,                                        -- the file that told what became of it
    primary key (city, rollout, batch, row_no)
) with (fillfactor = 48, autovacuum_vacuum_scale_factor = 0.5);

-- A person is paid at most once a programme and period: whoever has the entitlement pays. It is free again once the payment
-- has come back or has ended before it was sent.
create table entitlement (
    programme integer not null,
    period    text    not null,
    person    bytea   not null,
    rollout   integer not null,
    row_no    integer not null,
    free      boolean not null default false,
    primary key (programme, period, person)
) with (fillfactor = 80);

-- A payment made again after it came back: which row it follows.
create table payout_follow (
    rollout      integer not null,
    row_no       integer not null,
    of_rollout   integer not null,
    of_row       integer not null,
    primary key (rollout, row_no)
);

-- Money blocked on the payer's account at a bank, for a rollout.
create table fund_block (
    rollout    integer     not null,
    bank       smallint    not null,
    order_no   text        not null unique,
    fen        bigint      not null,                       -- asked for
    blocked    bigint      not null default 0,             -- by the bank's word
    released   bigint      not null default 0,
    balance    bigint,                                     -- available beside it, by the bank's word
    reason     text,
    at         timestamptz not null,
    primary key (rollout, bank)
);
