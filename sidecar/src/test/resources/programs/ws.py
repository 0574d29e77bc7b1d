# WebSockets of python3-websockets: ws.py serve ADDRESS PORT echoes, and closes with 4001 once it is told "bye";
# ws.py say ADDRESS PORT tells the subprotocol and extension that were agreed on, sends a ping, a text in pieces and
# 16 MiB, and tells what came back and how it was closed
import asyncio, os, sys, websockets

MOST = 1 << 25

async def echo(connection):
    async for message in connection:
        if message == "bye":
            await connection.close(4001, "as you wish")
            return
        await connection.send(message)

async def serve(address, port):
    async with websockets.serve(echo, address, port, max_size=MOST, subprotocols=["chat.v2", "chat.v1"]):
        print("listening")
        await asyncio.Future()

async def pieces():
    for piece in "one ", "two ", "three":
        yield piece

async def say(address, port):
    address = f"ws://{address}:{port}/chat?a=b"
    async with websockets.connect(address, max_size=MOST, subprotocols=["chat.v1"], ping_interval=None) as connection:
        print(connection.subprotocol, *[each.name for each in connection.extensions])
        await asyncio.wait_for(await connection.ping(b"beat"), 30)
        await connection.send(pieces())
        print(await asyncio.wait_for(connection.recv(), 30))
        large = os.urandom(1 << 24)
        await connection.send(large)
        print("same" if await asyncio.wait_for(connection.recv(), 60) == large else "different")
        await connection.send("bye")
        try:
            print(await asyncio.wait_for(connection.recv(), 30))
        except websockets.ConnectionClosed as closed:
            print(closed.rcvd.code, closed.rcvd.reason)

asyncio.run({"serve": serve, "say": say}[sys.argv[1]](sys.argv[2], int(sys.argv[3])))
