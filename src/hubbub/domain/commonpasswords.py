"""The most common passwords, in lower case; `hubbub.domain.passwords` alone imports them.

They are the first of the 20,000 that Django 5.2 refuses (collected by Royce Williams), less those
that are refused by another rule anyway: too short, few different characters, a run of keys, another
one with digits behind it; and less a few words that nobody should have to read.
"""

from __future__ import annotations

# The list is redistributed under Django's license:
#
# Copyright (c) Django Software Foundation and individual contributors.
# All rights reserved.
#
# Redistribution and use in source and binary forms, with or without modification,
# are permitted provided that the following conditions are met:
#
#     1. Redistributions of source code must retain the above copyright notice,
#        this list of conditions and the following disclaimer.
#
#     2. Redistributions in binary form must reproduce the above copyright
#        notice, this list of conditions and the following disclaimer in the
#        documentation and/or other materials provided with the distribution.
#
#     3. Neither the name of Django nor the names of its contributors may be used
#        to endorse or promote products derived from this software without
#        specific prior written permission.
#
# THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND
# ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
# WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
# DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT OWNER OR CONTRIBUTORS BE LIABLE FOR
# ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES
# (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES;
# LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON
# ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT
# (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS
# SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

COMMON = frozenset(
    """
!qaz2wsx .adgjmptw 000webhost 00112233 01011980 01020304 0102030405 010203040506 0147258369
0147852369 0192837465 0r968ji9ufj6 100200300 10203040 1020304050 1029384756 111222tianya 11223344
1122334455 112233445566 11235813 1123581321 12131415 1213141516 12301230 1232323q 12345600
12345671 12345677 123456781 123456789. 1234567890- 12345678900 12345678901 1234567890a 1234567890q
1234567891 12345678910 1234567899 123456789a 123456789b 123456789c 123456789d 123456789e
123456789f 123456789g 123456789h 123456789j 123456789k 123456789l 123456789m 123456789n 123456789o
123456789p 123456789q 123456789r 123456789s 123456789t 123456789v 123456789w 123456789z 12345678a
12345678q 12345678s 12345679 1234567a 1234567j 1234567m 1234567q 1234567s 1234567z 123456aa
123456aaa 123456ab 123456as 123456qq 123456qw 12369874 123698741 123698745 123admin321 123hfjdk147
123mudar 123soleil 123stella 12qw12qw 12qw23we 12qw34er 12qwaszx 13243546 134679852 1357913579
135792468 1357924680 135798642 14531453 147852369 14789632 147896325 15426378 159753123 159753456
168asd168 18atcskd2w 18n28n24a5 19031903 19051905 19071907 19283746 192837465 19411945 19631963
19641964 19651965 19671967 19681968 19701970 19721972 19731973 19741974 19751975 19761976 19781978
19801980 19821982 19831983 19841984 19851985 19861986 19871987 1a2a3a4a 1a2b3c4d 1a2b3c4d5e
1a2s3d4f 1a2s3d4f5g 1andonly 1anthony 1asshole 1babygirl 1butterfly 1diamond 1football 1fr2rfq7xl
1fuckyou 1g2w3e4r 1iloveyou 1loveyou 1michael 1million 1myspace 1password 1princess 1q2w3e4r
1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1q2w3e4r5t6y7u8i9o0p 1qay2wsx 1qaz!qaz
1qw23er4 1sunshine 1superman 1truelove 1v7upjw3nt 1z2x3c4v 1zn6fpn01x 1zxcvbnm 2012comeer 22334455
22446688 23jordan 24681012 246813579 24682468 25011990 25251325 25802580 29rsavoy 2blessed
2bornot2b 2children 31415926 369852147 393041123 3children 3d8cubaj2e 3odi15ngxb 3rjs1la2qe
3rjs1la7qe 3rjs5la8qe 421uiopy258 4815162342 4children 4myspace 5532361cnjqrf 5hsu75kpot
5xfgs3ii9d 69camaro 6hbf28w791 6v21wbgad 73501505 74108520 741258963 741852963 7894561230
789632145 7elephants 7ugd5hip2j 85208520 87654321q 8ix6s1fceh 9-11-1961 9293709b13 92k2cizcdp
963258741 963852741 9876543210 987654321a a1234567 a12345678 a123456789 a123456a a1a2a3a4
a1a2a3a4a5 a1b2c3d4 a1b2c3d4e5 a1s2d3f4 a1s2d3f4g5 a838hfid aa123123 aa123456 aaa123123 aaliyah1
aardvark aaron123 aaron431 ab123456 abcdefg1 abcdefgh1 abdullah aberdeen abhishek abigail1
abracadabra abrakadabra account1 achilles ad123456 addison1 adekunle adelaide adgjmptw admin123
administrator adriana1 adrienne adventure aerosmith agent007 agnieszka airborne airforce airforce1
airplane aishiteru akatsuki akax89wn akopa123 alabama1 albatros alberto1 alejandra alejandro
aleksandr aleksandra alessandra alessandro alex1234 alexalex alexander alexandr alexandra
alexandre alexandria alexandru alexis12 alexis123 alfaromeo alladin79 allah786 alliance allison1
allstar1 almighty amanda12 amanda123 amandine amarillo amazing1 amber123 america1 america10
america12 america123 american amethyst amorcito amoremio amsterdam anaconda anamaria anarchy1
anastasia anastasiya anderson andre123 andreas1 andrew01 andrew11 andrew12 andrew123 andromeda
angel101 angel123 angelbaby angelbaby1 angeleyes angelica angelika angelina angeline angelique
angelito anhyeuem animals1 annabelle annalisa annamaria annette1 anthony1 anthony12 anthony123
anthony2 anthony3 anthony7 antonella antonio1 anuradha anything aobo2010 apollo13 apple123
applepie apples123 apsk54321 aptx4869 aquarius architect argentina arianna1 arizona1 armagedon
armando1 armstrong arschloch arsenal1 arsenal123 arsenal14 as123456 as790433 asdf3423 asdfasdf1
asdfgh12 asdfghj1 asdfghjkl1 asdfghjkl: asdfjkl: asdfjkl; ashleigh ashley01 ashley11 ashley12
ashley123 ashley13 aspirine assassin asshole1 asshole12 asshole123 asshole2 astonvilla atlanta1
atlantis attitude august11 august12 august13 austin12 austin123 austin316 australia awesome1
az123456 azsxdcfv babatunde baby1234 babybear babyblue babyboo1 babyboy1 babyboy2 babycakes
babycakes1 babydoll babyface babygirl babygirl1 babygurl babygurl1 babylon5 babylove babyphat1
backspace badbitch1 badgirl1 badminton bailey01 bailey12 bailey123 baili123com bajingan baller23
banana11 banana123 bananas1 bangalore bangbang bangladesh barbados barbara1 barbie123 barcelona
baseball basketbal1 basketball bastard1 batista1 batman12 batman123 battlefield bautista bearbear
bearshare beatles1 beatrice beautiful beckham23 beckham7 beethoven believe1 bella123 bellissima
benedict bengals1 benjamin bentley1 bernadette bernard1 bernardo besiktas bestfriend bestfriends
bethany1 bettyboop beyonce1 bigdaddy bigdick1 bigfoot1 bighead1 bigmoney bigpimpin1 billabong
billy123 billybob billyboy bionicle birdman1 birthday biscuit1 bismillah bitch101 bitch123
bitchass1 bitches1 bkl29m2bk black123 blackberry blackbird blackcat blackdog blackhawk blackie1
blackjack blackman blackops blackrose blahblah blasted1 blessed1 blessing blessings blingbling
blink123 blink182 blizzard blondie1 blossom1 blue1234 bluebell blueberry bluebird blueblue
blueeyes bluefish bluemoon bobby123 bobmarley bollocks bonehead boobear1 boobies1 booboo12
booboo123 bookmark bookworm bordeaux boricua1 borussia bossman1 bowling1 bradford bradley1
brandon1 brandon12 brandon123 brandon2 braveheart brayden1 breanna1 brendan1 bretagne brian123
brianna1 briciola bridget1 brighton brigitte britney1 brittany brittney broadway broncos1 brooklyn
brother1 brothers brownie1 brucelee bruno123 bryant24 bubba123 bubblegum bubblegum1 bubbles1
bubbles12 bubbles123 bubbles2 buckeye1 buckeyes buddy123 buddyboy budlight budlight1 budweiser
buffalo1 bugsbunny bulldog1 bulldogs bullshit bumblebee bunny123 bushido1 business buster01
buster11 buster12 buster123 buttercup butterfly butthead butthole butthole1 buttons1 byusdg23
c.ronaldo c43qpul5rz cadillac caitlin1 caliente california calimero callofduty camaroz28 cambiami
cambridge cameron1 camille1 campbell candice1 candy123 candycane candycane1 candyman cannabis
cantona7 capricorn capslock captain1 caramel1 caramelo cardinal cardinals cardinals1 carebear
career121 carlitos carlos12 carlos123 carlotta carmelo15 carolina caroline carolyn1 carpediem
cartman1 casablanca casanova casey123 cashmoney cassandra cassidy1 castillo catalina catarina
caterina catfish1 catherine catwoman cavalier cdtnkfyf cecilia1 celeste1 cellphone cellphone1
celtic1888 central1 cepetsugih cfitymrf champagne champion chandler changeme charger1 chargers
chargers1 charlene charles1 charlie1 charlie12 charlie123 charlie2 charlie3 charlotte charmed1
charming cheater1 cheer123 cheese12 cheese123 cheesecake cheetah1 chelsea1 chelsea123 chelseafc
chemical chemistry cherokee cherries cherry12 cherry123 chester1 chevelle chevrolet chevys10
cheyenne chicago1 chicken1 chicken12 chicken123 chicken2 chickens chihuahua children chipper1
chiquita chivas10 chivas100 chivas11 chivas12 chivas123 chivas13 chloe123 chocolat chocolate
chopper1 chouchou choupette chris123 chrisbrown chrissy1 christelle christian christie christina
christine christmas christophe christopher christy1 chronic1 chronic420 ciaociao cinderella
cinnamon cjkysirj cjmasterinf clarence clarinet clarissa classic1 classof07 classof08 classof09
classof200 classof201 claudia1 clayton1 clemson1 cleopatra cleveland clifford cm6e7aumn9 cocacola
coconut1 coldplay colleen1 college1 colombia colorado columbia columbus comcast1 comeon11
commander commando compton1 computer computers concrete confused control1 converse cookie12
cookie123 cookiemons cookies1 cookies123 coolcat1 cooldude coolgirl coolguy1 coolkid1 coolman1
corazon1 cornelia corvette country1 couponsc10 courtney cowboys1 cowboys22 cowgirl1 cracker1
crackers crazy123 creation creative cricket1 crip4life cristian cristiano cristina crjhgbjy
crosby87 crossfire crusader cruzazul crystal1 cucciola cucciolo cuddles1 cupcake1 cupcakes
cutegirl cutie101 cutie123 cutiepie cynthia1 d1lakiss d2xyw89sxj d71lwz9zjs d9zufqd92n daddy123
daddysgirl daisy123 dalejr88 dallas214 dallas22 damilola dance123 dancing1 dangerous daniel01
daniel11 daniel12 daniel123 daniel13 daniel19 daniela1 daniella danielle danny123 dannyboy
daredevil darkangel darklord darkness darkside darkstar darling1 daughter david123 davidson
dbrnjhbz deadman1 dearbook death123 death666 deathnote deborah1 december defender deftones
delacruz delphine delpiero demon123 demon1q2w3e demon1q2w3e4r demon1q2w3e4r5t demon666 derp12!@
derrick1 designer desiree1 desperado destiny1 destiny2 destroyer detroit1 deutschland devil666
devildog devilmaycry dfktynbyf diablo666 diamante diamond1 diamond2 diamonds dickhead diego123
dietcoke digital1 dimadima dingdong dinosaur diosesamor diosesfiel director dirtbike dirtbike1
discover discovery disturbed disturbed1 diwtgm8492 dkflbckfd dkflbvbh doberman dodgeram dodgers1
dolphin1 dolphins domenico dominic1 dominican1 dominika dominique donovan1 dont4get dontforget
doomsayer.2.7mords.v doraemon dorothy1 dortmund douglas1 download dpbk1234 dr.pepper dragon01
dragon11 dragon12 dragon123 dragon13 dragon22 dragon69 dragon88 dragonball dragonballz dragonfly
dragons1 dreamer1 drjynfrnt drowssap drpepper drummer1 dt123456 dthjybrf dumbass1 durango1
dutchess dylan123 dynasty1 e3r4t5y6 eastside eastside1 eatshit1 eclipse1 eduardo1 education
edward123 eh1k9oh335 einstein ekaterina eldorado electric elefante element1 eleonora elephant
eleven11 elisabeth elizabeth elizaveta elliott1 emachines emachines1 emanuele emerald1 emiliano
emily123 eminem12 eminem123 emmanuel emotional engineer england1 english1 enrique1 enterprise
eqes606898 ericsson escorpion esmeralda esperanza estrella estrellita eternity evanescence
evangelion evergreen everton1 everything evildick evolution evony192 excalibur explorer extreme1
f00tball fabregas fabrizio fabulous facebook faith123 faithful falcons1 fallout3 family12
family123 familyguy1 fantasia fantastic fantasy1 farfalla fashion1 fearless february feder_1941
federica federico felicia1 felicidad felicidade felicity fenerbahce ferdinand fernanda fernandez
fernando ferrari1 fgtkmcby fighter1 finalfantasy fireball firebird firefighter firefly1 fireman1
fisherman fishing1 fktrcfylh fktrcfylhf flamengo flamingo fletcher flipper1 florence florencia
florida1 flower12 flower123 flowers1 football fordf150 fordf250 forever1 forever2 forever21
formula1 forzainter forzamilan forzaroma fountain fqrg7cs493 frances1 francesca francesco francine
francis1 francisco francois frank123 frankie1 franklin freckles freddie1 frederic frederick
fredfred freebird freedom1 freedom2 freeman1 freestyle freeze112 friday13 friendly friends!
friends1 friends123 friends2 friends4 friendship friendster frogger1 front242 fu7u4a#$$$ fuckface
fuckfuck fucking1 fucklove fucklove1 fuckme123 fuckme69 fuckoff! fuckoff1 fuckoff2 fuckthis
fuckthis1 fucku123 fuckyou! fuckyou. fuckyou1 fuckyou11 fuckyou12 fuckyou123 fuckyou13 fuckyou2
fuckyou22 fuckyou3 fuckyou4 fuckyou5 fuckyou6 fuckyou666 fuckyou69 fuckyou7 fuk19600 fuku00198
fullaccess fullmoon fussball futurama fxzz75yer fyfcnfcbz fyutkbyf g13916055158 g9l2d1fzpy
gabriel1 gabriel123 gabriela gabriele gabriella gabrielle galatasaray gameboy1 gamecube gameover
gandalf1 gangsta1 gangster garfield garrett1 gateway1 general1 genesis1 geoffrey george123
georgia1 georgina geraldine germany1 geronimo gerrard8 gertrude getmoney getmoney1 gfhjkm123
ghbdtnbr ghblehjr ghjcnjnfr ghostrider gianluca giggles1 gilbert1 ginger12 ginger123 giovanna
giovanni girasole girlfriend giuseppe gizmo123 gladiator glitter1 godbless goddess1 godfather
godhelpme godisgood godisgreat godislove godofwar godsmack godzilla goldberg goldeneye goldfish
golfcourse gonzales gonzalez goodbye1 goodgirl goodlife goodluck goodness google.com google12
google123 gordon24 gorgeous gorilla1 gotohell grace123 grandkids grandma1 grandpa1 green123
greenbay greenday greeneyes gregory1 gretchen griffin1 grizzly1 groupd2013 gsxr1000 guadalupe
guardian guatemala guerrero guilherme guillaume guillermo guinness guitarra gwerty123 gymnastics
h1xp2z2duk h2vwdubjx4 halflife hallo123 halloween hamburger hamilton hamster1 handball handsome
hannah01 hannah11 hannah12 hannah123 hannibal happiness happy123 happyday happydays hardcore
hardrock harley01 harley12 harley123 harmony1 harrison harry123 harrypotte harrypotter hawaii50
hayabusa heather1 hedgehog heineken hellfire hello123 hello1234 hellohello hellokitty hellothere
helloworld hellsing hendrix1 hercules heritage hermione hernandez hershey1 highheel highland
highlander history1 history278 hockey11 hockey12 hogwarts holahola holiday1 holland1 hollister
hollister1 holly123 hollywood holyshit home0401 home1234 homelesspa homework honda123 hondacivic
honduras honey123 honeybee hongkong hooligan hooters1 hospital hotgirl1 hotmail1 hotmama1 hotpink1
hotstuff hottie101 hottie12 hottie123 houston1 houston713 huhbbhzu78 hunter01 hunter11 hunter12
hunter123 hunting1 hurricane huskers1 hustler1 hyderabad iamcool1 iamnumber1 iamthebest icecream
icehouse ichliebedich id6c3wr6un idontcare idontknow iforgot1 ig4abox4 ihatethisgame ihateyou
il0vey0u il0veyou ilikepie illinois illusion ilove123 ilovechris ilovegod iloveher iloveher1
ilovehim ilovehim1 ilovejesus ilovejusti iloveme! iloveme1 iloveme123 iloveme2 ilovemom ilovemusic
ilovemymom ilovemyself ilovepussy ilovesex iloveu12 iloveu123 iloveyou imissyou immortal imnumber1
imperial incorrect incubus1 india123 indiana1 indonesia indya123 infiniti infinity information
innocent insanity inspiron interests international internet inuyasha ireland1 ironmaiden ironman1
isabella isabelle istanbul italian1 italiano iverson1 iverson3 iw14fi9j iw14fi9jxl j123456789
j38ifubn jack1234 jackass1 jackass2 jacket025 jackjack jackson1 jackson5 jacob123 jacqueline
jaihanuman jaimatadi jakcgt333 jamaica1 james007 james123 jamesbond jamie123 january1 jasmine1
jasmine12 jasmine123 jasmine2 jason123 jazmine1 jeanette jefferson jeffery1 jeffhardy jeffrey1
jellybean jennifer jenny123 jeremiah jermaine jerusalem jesse123 jessica1 jessica12 jessica123
jessica13 jessica2 jessica3 jessica7 jesucristo jesus123 jesus4me jesus777 jesuschris jesuschrist
jesusfreak jesusis1 jesusislord jesussaves jg3h4hfn ji394su3 jillian1 jimmy123 jingjing jjcg16dj5k
jobsearch jocelyn1 joejonas1 johannes john!20130605at1753 john1234 johncena johncena1 johndeere
johnjohn johnlock johnpaul johnson1 joker123 jonas123 jonathan jordan01 jordan10 jordan11 jordan12
jordan123 jordan13 jordan23 josefina joseluis joseph12 joseph123 josephine joshua01 joshua12
joshua123 juancarlos juanita1 juggalo1 juliette jumpman23 jundian2011xr junebug1 junior12
junior123 jupiter1 just4fun justdoit justice1 justin01 justin11 justin12 justin123 justinbieb
justinbieber justine1 juventus ka_djkhjsy6 kaitlyn1 kakashi1 kakashka kamasutra kamikaze kangaroo
karolina katarina katelyn1 katerina katherine kathleen kathmandu kathryn1 katie123 katrina1
kawasaki kayla123 kayleigh kelly123 kendall1 kennedy1 kenneth1 kentucky kenworth kevin123 keyboard
kickass1 kifj9n7bfu kikeunyw killbill killer11 killer12 killer123 killer13 killer666 kimberly
king1234 kingdom1 kingking kingkong kingsley kingston kirsten1 kissmyass kittens1 kitty123
kittycat kittykat klapaucius kleopatra knights1 kobebryant kochanie komputer konstantin koolaid1
koroleva krasotka kristen1 kristian kristin1 kristina kristine krokodil krystal1 l1nk3d1n
l6ho3tg7wb labrador lacrosse ladybug1 ladygaga laetitia lakers24 lalala123 lalaland lamborghini
lampard8 lancelot landrover lasvegas laura123 laurence lavender lawrence layouts1 leavemealone
lebron23 left4dead legolas1 lemonade lenochka leonard1 leonardo lesbian1 letmein1 letmein123
letmein2 lexmark1 lexor123 libertad liberty1 lifeisgood lifesucks lighthouse lightning lillian1
lilmama1 lilwayne lilwayne1 lincoln1 linda123 lindsay1 lindsey1 lineage2 linkedin linkinpark
lionheart lionking lipgloss lipgloss1 littlebit littleman littleman1 livelife liverp00l liverpool
liverpoolfc livestrong lizottes logan123 logitech lokomotiv lol12345 lolipop1 lollipop lollypop
london12 london123 london22 lonestar lonewolf longhorn longhorns longhorns1 loredana lorenzo1
lorraine losangeles loser123 louloute love1234 love12345 love123456 love2008 love2009 love2010
love4ever love4life love4you love5683 lovebird lovebug1 lovehate lovehurts lovehurts1 loveislife
loveless lovelife lovelove lovely12 lovely123 loveme12 loveme123 lover123 loverboy lovergirl
lovergirl1 lovestory lovesucks lovesucks1 loveyou1 loveyou123 loveyou2 lovingyou lowrider lucas123
lucky123 lucky777 luckydog ludacris m1234567 m123456789 mackenzie madagascar madalina maddison
madeleine madeline madison1 madison2 madonna1 magandaako magdalena maggie01 maggie12 maggie123
magic123 magnolia mahalkita makaveli makayla1 makemoney maksimka malachi1 malaysia malcolm1
mallorca mallory1 mama1234 mamochka management manager1 manchester mandarin manning18 manunited
maprchem56458 maradona marathon marcella marcello marcopolo margaret margarita margherita maria123
mariajose mariana1 marianna marianne marie123 marihuana marijuana marilyn1 marines1 marino13
mario123 mariposa marissa1 marjorie marketing marlboro marriage married1 marseille marshall
martin123 martina1 martinez maryjane maryland mash4077 master12 master123 mastermind matahari
matematica mathilde matilda1 matthew1 matthew12 matthew123 matthew2 matthias maurice1 mauricio
maurizio maverick maximilian maximus1 maxwell1 mazafaka mazda323 mazda626 mazdarx7 mckenzie
meandyou meatball mechanical medicina medicine mega_pizdetz666 megadeth megaman1 megan123
megaparol megaparol12345 megasecret melanie1 melinda1 melissa1 memphis1 meowmeow mercedes mercury1
meredith mermaid1 mersedes messenger metal666 metallica mexican1 mexico10 mexico12 mexico123
mexico13 miami305 michael01 michael1 michael11 michael12 michael123 michael13 michael2 michael23
michael3 michael5 michael7 michaela micheal1 michele1 michelle michigan mickey12 mickey123
mickeymouse microlab microsoft midnight mike1234 mikemike milagros mileycyrus milkshake millenium
million2 millwall minecraft miracle1 miranda1 mission1 mississipp mississippi missy123 mitchell
mitsubishi mittens1 mnbvcxz1 mobster1 mohammad mohammed molly123 mollydog momanddad mommy123
monalisa monamour money100 money123 money4me moneymaker moneyman moneyman1 moneymoney mongoose
monique1 monkey01 monkey10 monkey101 monkey11 monkey12 monkey123 monkey13 monkey14 monkey21
monkey22 monkey23 monkey69 monkeybutt monkeyman monkeys1 monopoly monster1 monster12 monster123
monster2 monsters montana1 montecarlo montgom2409 montreal moonlight moonshine morning21 morpheus
morrison mostwanted motdepasse mother12 mother123 motherfuck motherfucker motherlode motocross
motorola mountain mrf11277215 ms0083jxj muhammad multiplelog munchkin murcielago mushroom music101
music123 music4life musicman mustang1 mustang2 mustang69 mustangs my2girls my3girls myfamily
mygirls2 mylove123 mymother mynameis mypassword myspace! myspace. myspace.co myspace0 myspace01
myspace07 myspace08 myspace09 myspace1 myspace10 myspace101 myspace11 myspace12 myspace123
myspace13 myspace2 myspace22 myspace23 myspace3 myspace4 myspace5 myspace69 myspace7 myspace8
myspace9 mystery1 n0=acc3ss n8zgt5p0shw= nacional napoleon narayana naruto11 naruto12 naruto123
nascar24 nascar88 natalia1 natalie1 natasha1 nathalie nathan12 nathan123 nathaniel national
naughty1 navigator ncc1701a ncc1701d ncc1701e network1 networking neveragain nevermind nevermore
newcastle newlife1 newpassword newport1 newstart newyork1 nicholas nichole1 nickjonas nickjonas1
nicolas1 nicole01 nicole11 nicole12 nicole123 nicole13 nicole21 nicole22 nightmare nightwish
nikki123 ninja123 nintendo nirvana1 nissan350z nks230kjs82 noisette nokia123 nokia3310 nokia5800
nokia6233 nokia6300 nokian70 nokian73 nokian95 nonmember noodles1 nopassword northside1 notebook
nothing1 nounours november number12 nursing1 nuttertools nyq28giz1z oakland1 oblivion ocpoook325
october1 october10 october31 offspring ohiostate1 ohmnamah23 oklahoma olayinka oliveira oliver123
oluwaseun omarion1 omsairam onedirection onelove1 onepiece opelastra opensesame operator orange12
orange123 ordinateur original orlando1 oscar123 overlord owt243ygbj p0o9i8u7 p3rat54797 p455w0rd
p4ssw0rd p@ssw0rd p@ssword pa55w0rd pa55word packers1 packers4 paintball paintball1 pakistan
pakistani pallmall palmtree panasonic pancakes panda123 pandora1 pantera1 panther1 panthers
paper123 paperino papillon paradise paramore parola12 partizan pasquale pass1234 pass1word
passer2009 passer2011 passion1 passport passw0rd password passwords passwort pasword1 patches1
patience patricia patrick1 patriots patrizia pauline1 pavilion pazzword123 pe#5gz29ptzmse peace123
peaceout peaches1 peanut12 peanut123 peanuts1 pearljam pebbles1 pedro123 peekaboo penelope
penguin1 penguins penis123 pepper12 pepper123 pepsi123 perfect1 personal peter123 peterpan
peterson phantom1 pharmacy philippe philips1 phillip1 phillips phoenix1 pickles1 pictures pikachu1
pimpdaddy1 pineapple pingpong pinkfloyd pinky123 pioneer1 piramida pirates1 pistons1 pitbull1
pizza123 pk3x7w9w platinum playboy1 playboy123 playboy69 player69 playstation pleasure plymouth
pok29q6666 pokemon1 pokemon11 pokemon12 pokemon123 pokemon2 pokerface polarbear polaris1
polniypizdec0211 polniypizdec1102 polniypizdec110211 poochie1 poohbear popcorn1 poptart1 porcodio
porkchop pornstar porsche1 porsche911 portland portugal poseidon positive pothead1 pothead420
power123 prashant preciosa precious predator presario president preston1 pretty12 prettyboy1
prettygirl primavera princesa princesita princess princesse principe principessa pringles printer1
priscilla private1 priyanka professional professor progress project1 projectsadminx pudding1
puertorico pumpkin1 punisher punkrock puppies1 puppy123 puppylove puppylove1 purple11 purple12
purple123 purple13 purple22 pussy123 pussycat q1234567 q123456789 q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6
q2w3e4r5 qarglr123 qawsedrf qazwsx12 qazwsxedc1 qdujvyg5sxa qq123456 qqww1122 qti7zxh18u question
qw123321 qw123456 qwaszx12 qwe1122334 qweasdzxc1 qwegta13091990 qwerqwer2 qwerty01 qwerty11
qwerty12 qwerty13 qwerty22 qwerty666 qwerty69 qwerty77 qwerty777 qwerty78 qwerty99 qwertyu1
qwertyui1 qwertyuio1 qwertyuiop1 qwertyuiop[] r2d2c3po r9lw4j8khx racecar1 rachael1 rachelle
radiohead ragnarok raiders1 raiderz1 rainbow1 rainbow123 rainbow6 rainbows rajkumar rammstein
rangers1 rasengan rastafari rastaman raymond1 rdfhnbhf ready2go realmadrid rebecca1 rebelde1
rebound1 recovery redalert redbull1 redhead1 redneck1 redskins redsox04 redwings register remember
remington renegade research reset123 resident respect1 revelation revenge1 revolution rfnthbyf
rhbcnbyf rhfcjnrf rhiannon rhjrjlbk ricardo1 riccardo richard1 richmond riverside rjhjktdf
rjycnfynby roadrunner robert12 robert123 roberto1 robinhood robinson rochelle rockets1 rocknroll
rockstar rocky123 rodriguez rolltide romashka ronaldinho ronaldo1 ronaldo7 ronaldo9 rooney10
rooster1 rootbeer rosebud1 rosemarie rosemary rossella roxanne1 runescape runescape1 rush2112
russell1 s123456789 s8ylpe9jdpvym sabrina1 sadie123 sagitario sagitarius sailboat sailormoon
salvador salvation salvatore samantha sammy123 sample123 sampson1 samsung1 samsung123 samuel01
sanchez1 sandiego sandman1 sandrine sandy123 sangeeta santana1 santiago sapphire sarah123 sarajevo
sasha123 sassy123 sasuke12 sasuke123 satan666 satellite saturday savannah sayangku scarface
scarlet1 scarlett schalke04 school12 school123 scoobydoo scooter1 scooter2 scorpio1 scorpion
scotland scrappy1 scruffy1 scvmofas79 seattle1 sebastian sebastien secret123 secret666 security
semperfi senha123 senior08 senior09 seniseviyorum sentnece sephiroth september septiembre serenity
seven777 seventeen sextrime1 sexy1234 sexybabe sexybaby1 sexyback1 sexybeast1 sexybitch sexybitch1
sexyboy1 sexygirl sexygirl1 sexylady sexylove1 sexymama sexymama1 sexyman1 sexysexy shadow01
shadow11 shadow12 shadow123 shadow13 shakira1 shamrock shanghai shannon1 sharingan sherlock
sherman1 sherwood shinigami shirley1 shitface shitface1 shithead shooter1 shopping shorty12
shorty123 shorty13 shotgun1 showtime sidekick3 silverado simon123 simpleplan simpson1 simpsons
singapore sk84life sk8board sk8ordie skate123 skate4life skateboard skater12 skater123 skeeter1
skinhead skipper1 skittles skorpion skyline1 skywalker slamdunk slayer666 slimshady slipknot
smackdown smallville smile123 smile4me smoke420 sneakers snickers snoopdog snoopdogg snoopy123
snowball snowboard snowflake snowman1 snowwhite snuggles soccer01 soccer07 soccer08 soccer09
soccer10 soccer101 soccer11 soccer12 soccer123 soccer13 soccer14 soccer15 soccer16 soccer17
soccer18 soccer19 soccer20 soccer21 soccer22 soccer23 soccer24 socrates softball software
sojdlg123aljg soldier1 solomon1 solution something sonic123 sonyericsson sooners1 sophie123
souljaboy1 soulmate southern southpark southside southside1 spanish1 sparkle1 sparkles spartan1
spartan117 spartans special1 spectrum spencer1 spiderman spike123 spitfire splinter spongebob
spongebob1 sporting springer squirrel srinivas ssyu1314 stalker1 stallion standard stanislav
stanley1 star1234 starbucks starcraft stardust starfish stargate starlight starstar start123
startfinding startrek starwars steelers stefania stefanie stellina stephane stephanie stephen1
sterling stewart1 stingray stonecold stoner420 stranger stratfor strawberry strength student1
stunt101 su123456 sublime1 success1 suckmydick sullivan summer01 summer05 summer06 summer07
summer08 summer09 summer10 summer11 summer12 summer123 summer69 summer99 summertime sundance
sunderland sunflower sunny123 sunshine super123 superfly supergirl superman supernova supersonic
superstar sureno13 surfing1 surside13 survivor svetlana sweet123 sweetgirl sweetheart sweetie1
sweetness sweetpea sweety12 swimmer1 swimming swordfish sylvester syncmaster sz9kqcctwy tabitha1
tacobell taekwondo taishan2011 tangerine target123 tarheels tatiana1 taylor01 taylor11 taylor12
taylor123 tazmania teacher1 teamo123 techn9ne technics technology teddy123 teddybear teiubesc
telechargement telefono telephone television temitope temp1234 temppass temppassword tenerife
tequiero tequila1 terminator terrell1 test1234 testing1 testing123 testpass texas123 thailand
thankgod thankyou thebest1 theboss1 thedoors thegame1 thegreat1 thegreat123 theking1 theodore
theonly1 theresa1 therock1 thesims2 theused1 thirteen thirteen13 thomas01 thomas12 thomas123
thomas22 thompson thug4life thuglife thumper1 thunder1 thursday tiffany1 tiger123 tigger01
tigger12 tigger123 timothy1 tinkerbell titanic1 tkbpfdtnf tnk0mk16vx together tokiohotel tommy123
tomorrow tootsie1 topolino topsecret toshiba1 tottenham toulouse training treasure trenton1
trfnthbyf tricolor trigger1 trinidad trinity1 trinity3 triskelion tristan1 trojans1 trombone
trooper1 tropical trouble1 trucker1 truelove trumpet1 trustno1 ttd955audg tweety12 tweetybird
twilight twinkle1 twisted1 twister1 ty2t1hv3oc tyler123 u1v7hhh7ef uhfybn8888 ultimate umbrella
underground undertaker underworld unicorn1 univers2l universal universe university unknown1
uqa9ebw445 uvgx8f8232 vacation vaffanculo valencia valentin valentina valentine valentino valeria1
valerie1 vampire1 vampires vancouver vanessa1 vanhalen vanilla1 vendetta venezuela verbatim
verizon1 veronica veronika veronique vfhufhbnf vfitymrf vfrcbvrf victoire victoria victory1
viewsonic vikings1 viktoria viktoriya vincent1 vincenzo violetta viphv5j736 virginia virginie
vittoria vkontakte vladimir vladislav vodafone volkswagen volleyball voyager1 vqsablpzla
vrbgqns997 w5tn36alfw w5txn36alfw w66yrybgra wachtwoord waheguru wallace1 walmart1 wangyut2
warcraft warhammer warrior1 warriors warszawa washington water123 waterfall waterloo watermelon
webhompass webster1 wedding1 wednesday welcome1 welcome12 welcome123 welcome2 wellington werewolf
westham1 westlife westside westwood whatever whatsup1 whatthezor whiskers whiskey1 whiteboy1
whitney1 whocares wildcat1 wildcats wildfire william1 william123 william2 william3 williams
winchester windows1 windows7 winston1 wishbone woaini1314 wolfgang wolfpack wolverine wonderful
wonderland woodstock wordpass wow12345 wrangler wrestling wrestling1 x3luym2mmj x4ivyga51f
xboxlive xiang123456 y6p67ftrqj yagjecc826 yahoo.com yahoo123 yahoomail yamahar1 yamahar6 yankees1
yankees13 yankees2 yellow11 yellow12 yellow123 yfcntymrf yfdbufnjh10305070 yfdbufnjh63 yolanda1
yomomma1 youandme youbye123 youngmoney yourmom1 yousuck1 youtube1 yuantuo2012 z0102030405
z123456789 z1x2c3v4 zacefron zacefron1 zachary1 zag12wsx zanzibar zeppelin zxasqw12 zxcvbnm1
zxcvbnm12 zxcvbnm:
""".split()  # noqa: SIM905 (as a list it would be 3,000 lines)
)
