-- Bringing a partner in: what the conformance tests found, and what people decided. Both are written once.
-- +goose Up

-- A report belongs to the settings, layouts and host key that it was made with (binding); its text is JSON without personal data,
-- and sm3 is the digest of that text, which the audit chain has as well.
create table partner_report (
    no      bigint      generated always as identity primary key,
    partner text        not null,
    at      timestamptz not null,
    by_whom text        not null,
    binding text        not null,
    green   boolean     not null,
    passed  integer     not null,
    failed  integer     not null,
    idle    integer     not null,
    report  text        not null,
    sm3     text        not null
);
create index partner_report_latest on partner_report (partner, no desc);
create trigger partner_report_written_once before update or delete on partner_report for each row execute function refuse_change();
create trigger partner_report_kept before truncate on partner_report for each statement execute function refuse_change();

-- Going live is asked for by one person and confirmed by another, for one binding and by one report.
create table partner_decision (
    no      bigint      generated always as identity primary key,
    partner text        not null,
    what    text        not null check (what in ('asked', 'live', 'suspended')),
    at      timestamptz not null,
    by_whom text        not null,
    binding text        not null default '',
    report  bigint      references partner_report (no),
    reason  text        not null default '',
    check (what = 'suspended' or (report is not null and binding <> ''))
);
create index partner_decision_latest on partner_decision (partner, no desc);
create trigger partner_decision_written_once before update or delete on partner_decision for each row execute function refuse_change();
create trigger partner_decision_kept before truncate on partner_decision for each statement execute function refuse_change();
