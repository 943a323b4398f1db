-- A user receives the messages of its own topic only. The policies are in guard_topics, because Realtime may create its
-- tables later than this runs. When they change, change this file too, so that it runs again.
select darkroom.guard_topics();
