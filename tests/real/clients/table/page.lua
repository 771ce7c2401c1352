-- For wrk: holds each answer against the page that was asked for.
right, wrong = 0, 0
local page, threads = string.rep("page 20\n", 21), {}

function setup(thread)
	table.insert(threads, thread)
end

function response(status, _, body)
	if status == 200 and body == page then
		right = right + 1
	else
		wrong = wrong + 1
	end
end

function done()
	local all = {right = 0, wrong = 0}
	for _, thread in ipairs(threads) do
		for name, sum in pairs(all) do
			all[name] = sum + thread:get(name)
		end
	end
	io.write(all.right > 0 and "some" or "no", " answers are right, ", all.wrong, " are wrong\n")
end
