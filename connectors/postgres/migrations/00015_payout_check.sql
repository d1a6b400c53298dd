-- +goose Up
-- What was last counted of each batch of payments for the invariants, so that a view counts again only what has moved on.
create table payout_check (
    rollout integer     not null references rollout (no) on delete cascade,
    number  integer     not null,
    counts  jsonb       not null,                          -- of the batch when it was counted: others, and it counts no more
    at      timestamptz not null,
    rows    integer     not null,
    fen     bigint      not null,
    odd     integer     not null,                          -- in no state that there is
    other   integer     not null,                          -- with other money than was approved
    twice   integer     not null,                          -- live, without a claim of their own to the programme and period
    out     integer     not null,                          -- at the bank, not answered
    primary key (rollout, number)
);
