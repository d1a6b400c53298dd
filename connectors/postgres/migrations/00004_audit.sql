-- An approval counts only when the audit chain knows it, and the chain is not emptied.
-- +goose Up
create index audit_approval on audit (subject) where action = 'rollout.approved';
create trigger audit_kept before truncate on audit for each statement execute function refuse_change();
