extension WordClass {
    /// Words of a life without programs: family, food, animals, clothes, health, vehicles, tools, nature, leisure, places.
    /// What a program is as often made of (a branch, a shell, a cart, a cookie) is not among them.
    static let everydayWords = """
        aunt auntie baby babysitter boyfriend bride bridesmaid brother cousin dad daddy daughter family \
        father fiance fiancee flatmate friend friends girlfriend grandchild granddad grandfather grandma grandmother \
        grandpa grandparents granny groom husband in-laws kid kids mate mom mommy mother mum mummy nanny neighbor \
        neighbors neighbour neighbours nephew newborn niece oma opa parents roommate sister son spouse \
        stepson teenager toddler twins uncle wife landlord landlady 

        almond appetizer apricot avocado bacon bagel banana barbecue basil beef beer beers berries \
        biscuit biscuits bread breakfast broccoli broth brownies brunch bun burger butter cabbage cake cakes candy carrot \
        casserole cereal champagne cheese cherry chicken chili chips chocolate cider cinnamon cocktail coconut coffee \
        cookout cream croissant cucumber cupcake curry dessert diet dinner dough drinks dumplings egg eggs eggplant espresso \
        feast fish flour food fridge fries fruit fruits garlic gin ginger grapes gravy groceries grocery ham hazelnut herbs \
        honey hummus icecream jam jelly juice ketchup kebab lamb lasagna leek leftovers lemon lemonade lettuce lobster lunch \
        lunchbox mango marmalade mayonnaise meal meals meat melon milk muffin mushroom mushrooms mustard noodles nuts oats \
        oil olive olives omelette onion onions oven pancake pancakes pasta pastry peach peanut pear pears peas pepper \
        picnic pie pineapple pizza plum popcorn pork porridge potato potatoes pudding pumpkin quiche raspberry recipe \
        recipes rice roast rum salad salami salmon sandwich sandwiches sauce sausage seafood shrimp smoothie snack \
        snacks soda soup soy spaghetti spice spices spinach steak stew strawberries strawberry sugar supper sushi syrup \
        tea thanksgiving tofu tomato tomatoes tuna turkey vanilla vegetable vegetables veggies vinegar vodka waffle \
        waffles whiskey wine wines yeast yoghurt yogurt

        animal animals ant ants aquarium bear bee beehive bees bird birds budgie bunny butterflies butterfly calf cat cats \
        chick chickens cow cows crab deer dog dogs donkey duck ducks eagle elephant fox frog goat goldfish goose guinea \
        hamster hedgehog hen hens horse horses insect insects kennel kitten ladybug lamb leash lion mice mosquito \
        moth owl parrot pet pets pig pigeon pony puppies puppy rabbit rabbits rat saddle shark sheep snail spider \
        squirrel swan tortoise turtle veterinarian veterinary vet wasp wasps whale wolf

        apron belt bikini blanket blouse bra bracelet cape clothes coat coats costume curtain curtains cushion \
        diaper diapers dress dresses dryer earring earrings fabric glove gloves gown handbag handkerchief hat hats hoodie \
        jacket jackets jeans jewelry jewellery knit knitting laundry linen lingerie makeup mattress nappies nappy necklace \
        necktie pajamas pants pillow pillows purse pyjamas quilt raincoat robe sandals scarf shirt shirts shoe \
        shoelaces shoes shorts skirt slippers sneakers sock socks suitcase sunglasses sunscreen sweater swimsuit towel \
        towels trousers tuxedo umbrella underwear uniform veil wallet wardrobe wig wool yarn zipper

        allergy ankle antibiotics appendix asthma beard bicep bladder blood bones braces breath calories cast checkup \
        cholesterol clinic cough dentist dentists dermatologist diabetes doctor doctors ear ears elbow eye eyes eyebrows \
        fever fingernails fitness flu gym hair haircut hairdresser headache hearing hospital injury insulin jogging knee \
        lips lung lungs massage medicine migraine mouth muscle muscles nails neck nose ointment optician orthodontist \
        physio physiotherapy pill pills pregnancy pregnant prescription rash sauna shave shoulder skin spine sunburn \
        surgery swim swimming teeth therapist therapy throat tooth toothbrush toothpaste tongue tummy ultrasound vaccine \
        vaccination vitamin vitamins wisdom workout wound wrist yoga pilates

        airport barge bicycle bike bikes boat boats brake brakes bumper bus cab campervan canoe car caravan cars \
        carburetor clutch cruise exhaust ferry flight flights fuel garage gas gasoline harbor helmet highway jeep kayak \
        lorry luggage moped motorbike motorcycle oars parking passport passports petrol plane radiator sail sailboat sailing \
        scooter seatbelt ski skis skiing sled snowboard speedboat stroller pram subway taxi tire tires trailer tram truck \
        tyre tyres van vehicle visa wheel wheels windscreen windshield wipers yacht

        anvil axe broom bucket bulb bulbs candle candles carpet carpets chainsaw chair chairs chandelier charger \
        cork couch cradle crib cupboard desk detergent dishwasher dishes doorbell doormat drawer drawers drill dustbin \
        fireplace flashlight freezer furniture glasses glue grill hammer hammock heater hinge hose iron kettle \
        knife knives ladder lamp lamps lantern lawnmower lightbulb microwave mop mower nail paint \
        pan pans paintbrush plates pillowcase plumber plunger pot pots rake rope rug sandpaper saucepan saw scissors \
        screwdriver screws sewing shovel shutters soap sofa spade spanner spray spoon stove teapot thermometer \
        tinsel toaster toolbox torch trash tripod varnish vase wheelbarrow wrench

        acorn avalanche balcony beach blossom bonfire bouquet bush bushes cactus campfire camping canyon cave cliff compost \
        creek daffodils daisy driftwood fertilizer fern fir firewood flower flowers flowerbed forest fountain gardening \
        geranium grass greenhouse hedge hedges herb hike hiking hill island ivy jungle lake lavender lawn lily \
        meadow moon moss mountain mountains ocean orchard orchid pebbles pine plant plants playground pond rain \
        rainbow ranch river rock rose roses sand sandbox sandcastle sandpit scarecrow sea seashells seedling seedlings \
        shore shrub snow snowman soil sprinkler sun sunflower sunset swamp tent thistle thunder tulip \
        tulips valley volcano weather weeds woods

        accordion anniversary ballet balloon balloons band baptism baseball basketball bowling boxing bridal \
        carnival carol carousel casino cello chess choir christening christmas cinema circus clarinet clown concert \
        confetti crossword dance dancing darts diary dinosaur disco doll dolls drum drums easter fairy fiddle fireworks \
        fishing flute football frisbee funeral golf graduation guitar gymnastics halloween hanukkah harp hockey \
        honeymoon horror karaoke karate kite lego lottery marathon mariachi movie movies museum \
        netflix nutcracker opera orchestra painting parade piano pilgrimage poker polaroid prom puppet puzzle \
        quiz racket ramadan rugby santa saxophone scrapbook soccer song songs stamps stadium swing television \
        tennis theater theatre toy toys tournament trampoline trip trips trombone trumpet tv ukulele \
        vacation valentine violin volleyball weekend wrestling xmas zoo zumba

        bakery barber bookshop butcher cafe cathedral cemetery chapel church daycare drugstore farm florist gasstation \
        hairdressers hostel hotel hotels kindergarten mall mosque nursery pharmacy playgroup preschool pub resort \
        restaurant restaurants school synagogue supermarket temple tailor jeweler jeweller university villa winery \
        cottage cabin castle igloo

        allowance birth electricity letters love power birthday ceremony christian cigarettes coins dollars euros gift gifts heirloom homework \
        invitation invitations lease magazine manners money mortgage nap naptime newspaper obituary parcel \
        parcels pension postcard postcards presents prayer rent salary sermon souvenir stepmother thank-you \
        tuition wedding witness
        """
}
