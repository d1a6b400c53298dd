-- Whose key approved money is looked up in the audit chain wherever money leaves.
-- +goose Up
create index audit_approver on audit (subject) where action in ('approver.add', 'approver.revoke');
