-- A deleted account loses its webhooks.
create or replace trigger delete_webhooks after insert on darkroom.tombstones
  for each row execute function darkroom.delete_webhooks();
