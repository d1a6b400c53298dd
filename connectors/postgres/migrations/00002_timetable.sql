-- The timetable: which files partners have promised, which of them came, and about what somebody has to be called.
-- +goose Up

-- One row a promised file, written when its cut-off is the next.
create table promise (
    partner       text        not null,
    kind          text        not null,
    business_date text        not null,
    cut_off       timestamptz not null,
    deadline      timestamptz not null,                    -- the cut-off and the grace that was agreed
    state         text        not null default 'waiting' check (state in ('waiting', 'met', 'missed', 'late')),
    came_at       timestamptz,
    file          text,                                    -- the first that came
    primary key (partner, kind, business_date)
);
create index promise_open on promise (deadline) where state in ('waiting', 'missed');

-- Why a partner is to be called. An alert is raised once for each deadline, and stays when it is resolved.
create table alert (
    no          bigint generated always as identity primary key,
    cause       text        not null check (cause in ('missed', 'overdue', 'silent')),
    partner     text        not null,
    subject     text        not null,
    rollout     integer     not null default 0,            -- the batch that waits; 0: none
    batch       integer     not null default 0,
    deadline    timestamptz not null,
    raised_at   timestamptz not null,
    resolved_at timestamptz,
    unique (cause, partner, subject, rollout, batch, deadline)
);
create index alert_open on alert (partner) where resolved_at is null;

-- Partners whose silence is watched.
create table partner_contact (
    partner      text        primary key,
    since        timestamptz not null,                     -- when the watch began
    connected_at timestamptz                               -- when it last logged in at the hub
);

create index exchange_file_heard on exchange_file (partner, reserved_at) where direction = 'in';
create index batch_waiting on batch (waiting_until) where waiting_for is not null;
