-- What psql does all day: short statements, slow ones, a large answer, a COPY each way. The slow ones
-- take as long as a delayed ACK does, which must not be taken for one.
create table words (id int, word text);
select format('insert into words values (%s, %L);', n, 'word ' || n) from generate_series(1, 60) n
\gexec
select 'select pg_sleep(0.042);' from generate_series(1, 25)
\gexec
select * from words, generate_series(1, 500);
copy words to stdout;
copy words from stdin;
61	sixty one
62	sixty two
63	sixty three
\.
select count(*) from words;
