"""The emoji that have a name here: those people use, each one character of two cells."""

from __future__ import annotations

import re

_TABLE = """
+1 👍 -1 👎 100 💯 alarm ⏰ alien 👽 angry 😠 apple 🍎 art 🎨 astonished 😲 avocado 🥑 balloon 🎈
banana 🍌 bang 💥 beer 🍺 beers 🍻 bell 🔔 bike 🚲 bird 🐦 birthday 🎂 blush 😊 bomb 💣 book 📖
books 📚 bouquet 💐 brain 🧠 bread 🍞 broken_heart 💔 bug 🐛 bulb 💡 burger 🍔 bus 🚌 butterfly 🦋
cactus 🌵 cake 🍰 calendar 📅 camera 📷 car 🚗 cat 🐱 champagne 🍾 chart 📈 check ✅ cheese 🧀
cherries 🍒 chicken 🐔 chocolate 🍫 christmas 🎄 clap 👏 clover 🍀 cocktail 🍸 coffee ☕ cold 🥶
computer 💻 confused 😕 construction 🚧 cookie 🍪 cool 😎 cow 🐮 crab 🦀 cross ❌ crown 👑 cry 😢
crystal_ball 🔮 dancer 💃 dart 🎯 dizzy 💫 dog 🐶 dolphin 🐬 door 🚪 dragon 🐉 dress 👗 drum 🥁
duck 🦆 earth 🌍 egg 🥚 elephant 🐘 email 📧 envelope 📨 exclamation ❗ eyes 👀 facepalm 🤦
family 👪 fearful 😨 fire 🔥 fireworks 🎆 fish 🐟 fist ✊ flushed 😳 football 🏈 fox 🦊 fries 🍟
frog 🐸 gem 💎 ghost 👻 gift 🎁 giraffe 🦒 globe 🌐 goat 🐐 grapes 🍇 grimacing 😬 grin 😁
guitar 🎸 hammer 🔨 handshake 🤝 hatching 🐣 headphones 🎧 heart 💖 hedgehog 🦔 herb 🌿 horse 🐴
hot 🥵 hourglass ⏳ house 🏠 hug 🤗 hundred 💯 idea 💡 innocent 😇 joy 😂 key 🔑 kiss 😘 koala 🐨
laptop 💻 laughing 😆 lemon 🍋 lion 🦁 lizard 🦎 lock 🔒 lol 😂 loop ➰ loudspeaker 📢 mag 🔍
mask 😷 megaphone 📣 memo 📝 microphone 🎤 microscope 🔬 milk 🥛 mind_blown 🤯 money 💰 monkey 🐵
moon 🌙 mouse 🐭 muscle 💪 mushroom 🍄 music 🎵 nauseated 🤢 nerd 🤓 neutral 😐 newspaper 📰
night 🌃 no_entry ⛔ notes 🎶 ocean 🌊 octopus 🐙 ok 👌 open_mouth 😮 owl 🦉 package 📦 palm 🌴
panda 🐼 partying 🥳 party 🎉 peach 🍑 pear 🍐 penguin 🐧 pensive 😔 phone 📱 pig 🐷 pill 💊
pin 📌 pineapple 🍍 pizza 🍕 plane 🛫 pleading 🥺 point_down 👇 point_left 👈 point_right 👉
point_up 👆 poop 💩 popcorn 🍿 pray 🙏 question ❓ rabbit 🐰 rage 😡 rainbow 🌈 raised_hands 🙌
relieved 😌 robot 🤖 rocket 🚀 rofl 🤣 rose 🌹 rotating_light 🚨 running 🏃 sad 😞 sandwich 🥪
satellite 📡 scream 😱 seedling 🌱 see_no_evil 🙈 shark 🦈 sheep 🐑 shrug 🤷 shushing 🤫 skull 💀
sleeping 😴 sleepy 😪 slot_machine 🎰 smile 😄 smirk 😏 snail 🐌 snake 🐍 sneezing 🤧 snowman ⛄
sob 😭 soccer ⚽ sos 🆘 sparkles ✨ speech 💬 star ⭐ stars 🌠 strawberry 🍓 sun 🌞 sunflower 🌻
sunrise 🌅 surfer 🏄 sushi 🍣 sweat 😅 sweat_drops 💦 swim 🏊 tada 🎉 target 🎯 tea 🍵 tears 🥲
tent ⛺ test_tube 🧪 thinking 🤔 thumbsup 👍 thumbsdown 👎 tiger 🐯 tongue 😛 toolbox 🧰 tophat 🎩
train 🚆 trash 🚮 tree 🌳 triumph 😤 trophy 🏆 turtle 🐢 umbrella ☔ unicorn 🦄
unlock 🔓 upside_down 🙃 volcano 🌋 warn 🚨 watch ⌚ watermelon 🍉 wave 👋 weary 😩 whale 🐳
wine 🍷 wink 😉 wolf 🐺 wrench 🔧 writing 📝 x ❌ yawning 🥱 yum 😋 zap ⚡ zipper_mouth 🤐 zzz 💤
"""

_WORDS = _TABLE.split()
EMOJI = dict(sorted(zip(_WORDS[::2], _WORDS[1::2], strict=True)))
"""Name to character; the names in alphabetical order."""

# A word of its own, behind white space, brackets or emphasis, or anything beyond ASCII: not
# `a[:x:]` or `std::x:`. The page has the same in text/completion.js.
BEGINS = r"(?:(?<!\S)[(*~]*|(?<=[^\x00-\x7f]))"
_CODE = re.compile(rf"{BEGINS}(:([a-z0-9_+-]+):)$")


def just_typed(before: str) -> tuple[int, str] | None:
    """The emoji whose ``:name:`` ends at the cursor, and the length of that; None within code."""
    found = _CODE.search(before)
    if found and found[2] in EMOJI and not in_code(before):
        return len(found[1]), EMOJI[found[2]]
    return None


def in_code(before: str) -> bool:
    """Whether the cursor is in an open code block, or behind a single backtick."""
    *lines, line = before.split("\n")
    return sum(one.startswith("```") for one in lines) % 2 == 1 or line.count("`") % 2 == 1
