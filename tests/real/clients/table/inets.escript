%% inets' httpd and httpc of one process: requests one after the other, the sum of the answers.
main([]) ->
    {ok, _} = application:ensure_all_started(inets),
    Folder = os:getenv("OUT"),
    ok = file:write_file(Folder ++ "/page", lists:duplicate(3000, "line\n")),
    {ok, Server} = inets:start(httpd, [{port, 0}, {bind_address, {127, 0, 0, 1}}, {server_name, "here"},
        {server_root, Folder}, {document_root, Folder}, {modules, [mod_get, mod_head]}]),
    [{port, Port}] = httpd:info(Server, [port]),
    Url = "http://127.0.0.1:" ++ integer_to_list(Port) ++ "/page",
    Sum = lists:foldl(fun(_, Hash) ->
        {ok, {{_, 200, _}, _, Body}} = httpc:request(get, {Url, []}, [], [{body_format, binary}]),
        crypto_update(Hash, Body)
    end, 0, lists:seq(1, 400)),
    io:format("~p~n", [Sum]),
    halt(0).

crypto_update(Hash, Body) -> erlang:phash2({Hash, Body}).
