-- SPDX-License-Identifier: Apache-2.0
-- Kinds of measures of a risk, where a sector sends those instead of the measures.

alter table exchange.risk_event add column measure_classes jsonb;
alter table exchange.risk_event_history add column measure_classes jsonb;
comment on column exchange.risk_event.measure_classes is '管控措施类别';
