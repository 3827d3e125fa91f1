-- SPDX-License-Identifier: Apache-2.0
-- What became of reports by adapter and reason.

create table dg.lane_count (
    lane    integer not null,
    adapter text not null,
    verdict text not null,
    reason  text not null default '',
    n       bigint not null default 0,
    primary key (lane, adapter, verdict, reason)
) with (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_cost_delay = 0);
comment on table dg.lane_count is
    'How many reports ended, by lane, adapter (canonical: none needed) and verdict; of rejected ones by reason. '
    'Kept up by the transaction that decides, so it adds up to the totals of dg.lane from this migration on.';
