-- What happened to single payments beside their files, and what was found out about a sample of them.
-- +goose Up

-- Events of cards and accounts that met a payment, and what became of it by the rule table.
create table payout_trace (
    city    integer     not null,
    rollout integer     not null references rollout (no) on delete cascade,
    row_no  integer     not null,
    id      bigint generated always as identity,
    at      timestamptz not null,
    event   smallint    not null,                          -- card.PayEvent
    action  text        not null,                          -- card.PayAction
    sent    boolean     not null,                          -- its instruction had left the hub
    done    boolean     not null,                          -- the action changed the payment at once; else it is to be watched
    source  text        not null,                          -- who told the event
    primary key (city, rollout, row_no, id)
);
create index payout_trace_row on payout_trace (rollout, row_no);
create trigger payout_trace_written_once before update on payout_trace for each row execute function refuse_change();
create index payout_follow_back on payout_follow (of_rollout, of_row);
create index payout_row_person on payout_row (person);

-- Samples of paid rows that are verified with their payees.
create table payout_sample (
    no         integer generated always as identity primary key,
    rollout    integer          not null references rollout (no) on delete cascade,
    seed       bigint           not null,
    confidence double precision not null,
    margin     double precision not null,                  -- that the size was chosen for
    population integer          not null,                  -- paid rows when it was drawn
    size       integer          not null,
    by_whom    text             not null,
    at         timestamptz      not null
);
create table payout_sample_row (
    sample  integer not null references payout_sample (no) on delete cascade,
    city    integer not null,
    rollout integer not null,
    row_no  integer not null,
    outcome text    check (outcome in ('confirmed', 'wrong', 'not_reached')),
    note    text    not null default '',
    by_whom text,
    at      timestamptz,
    primary key (sample, row_no)
);
