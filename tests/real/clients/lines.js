// lines.js PORT COUNT: COUNT turns of write, write, wait for the answer, on a net.Socket.
const net = require("net");
const [port, count] = process.argv.slice(2).map(Number);
let turn = 0;
const socket = net.connect(port, "127.0.0.1", next);
socket.on("data", (data) => {
	process.stdout.write(data);
	next();
});

function next() {
	if (turn++ === count) {
		socket.end();
		return;
	}
	socket.write("the first half ");
	socket.write("of turn " + turn + "\n");
}
